"""The grading worksheet of Moodle in languages other than English."""

from __future__ import annotations

from datetime import UTC, timedelta, timezone
from pathlib import Path

import pytest

from autograder.errors import UsageError
from autograder.integrations.lms.moodle import fill_moodle, people_in, read_time
from autograder.integrations.lms.platforms import read_roster
from autograder.integrations.platform_data import Grade
from autograder.reports.table import read_table

# The headings of Moodle's language packs: identifier, name, address, status, grade, maximum, times.
WORKSHEETS = {
    "de": (
        "ID,Vollständiger Name,E-Mail-Adresse,Status,Bewertung,Bestwertung,Bewertung kann geändert "
        "werden,Zuletzt geändert (Abgabe),Zuletzt geändert (Bewertung),Feedback als Kommentar",
        "Teilnehmer/in11",
        "Montag, 14. Dezember 2026, 23:58",
    ),
    "fr": (
        "Identifiant,Nom complet,Adresse de courriel,Statut,Note,Note maximale,La note peut être "
        "modifiée,Dernière modification (travail remis),Dernière modification (note),Commentaires",
        "Participant11",
        "lundi 14 décembre 2026, 23:58",
    ),
    "es": (
        "Identificador,Nombre completo,Dirección de correo,Estado,Calificación,Calificación máxima,"
        "La calificación puede ser cambiada,Última modificación (entrega),Última modificación "
        "(calificación),Comentarios",
        "Participante11",
        "lunes, 14 de diciembre de 2026, 23:58",
    ),
    "ru": (
        "Идентификатор,Полное имя,Адрес электронной почты,Статус,Оценка,Максимальная оценка,Оценка "
        "может быть изменена,Последнее изменение (ответ),Последнее изменение (оценка),Отзыв",
        "Участник11",
        "понедельник, 14 декабря 2026, 23:58",
    ),
    "ja": (
        "ID,フルネーム,メールアドレス,ステータス,評点,最大評点,評点変更可,最終更新日時 (提出),"
        "最終更新日時 (評定),フィードバックコメント",
        "参加者11",
        "2026年 12月 14日(月曜日) 23:58",
    ),
    "unknown": (
        "Zik,Bana,Ula,Mek,Tor,Tormek,Pala,Sura (u),Sura (t),Kala",
        "Pakazi 11",
        "Monday, 14 December 2026, 11:58 PM",
    ),
}


def worksheet(folder: Path, language: str) -> Path:
    headings, participant, time = WORKSHEETS[language]
    other = participant.replace("11", "12")
    path = folder / "worksheet.csv"
    path.write_text(
        f"{headings}\n"
        f'{participant},Ada Lovelace,ada@uni.example,x y,,"100,00",z,"{time}",-,\n'
        f'{other},Bob Bool,bob@uni.example,x,,"100,00",z,-,-,\n',
        encoding="utf-8-sig",
    )
    return path


@pytest.mark.parametrize("language", WORKSHEETS)
def test_a_worksheet_is_read_and_filled_in_any_language(tmp_path: Path, language: str) -> None:
    path = worksheet(tmp_path, language)
    roster = read_roster(path, UTC)
    assert roster.platform == "Moodle"
    ada, bob = roster.people
    assert (ada.key, ada.name, ada.email) == ("Moodle 11", "Ada Lovelace", "ada@uni.example")
    assert ada.when is not None
    assert f"{ada.when:%Y-%m-%d %H:%M}" == "2026-12-14 23:58"
    assert bob.when is None
    filled = fill_moodle(path, [Grade("ada@uni.example", 80.0, 0.0, 100.0)])
    assert filled.count == 1
    assert filled.table.rows[0][4] == "80"
    assert filled.table.rows[1][4] == ""


def test_a_worksheet_that_is_not_recognized_is_refused_with_its_columns(tmp_path: Path) -> None:
    path = tmp_path / "other.csv"
    path.write_text("Zik,Tor\nAda,\nBob,\n")
    with pytest.raises(UsageError, match="recognized among Zik, Tor"):
        fill_moodle(path, [])
    with pytest.raises(UsageError, match="its columns are Zik, Tor"):
        read_roster(path, UTC)


@pytest.mark.parametrize(
    ("text", "hour"),
    [
        ("2026년 12월 14일 월요일 오후 11:58", 23),
        ("2026年12月14日 星期一 23:58", 23),
        ("14 Aralık 2026, Pazartesi, 23:58", 23),
        ("Δευτέρα, 14 Δεκεμβρίου 2026, 11:58 μμ", 23),
        ("الاثنين، 14 ديسمبر 2026، 11:58 م", 23),
        ("Montag, 14. Dezember 2026, 11:58 Uhr", 11),
        ("14 December 2026, 11:58 xq", None),  # perhaps the half of the day
    ],
)
def test_times_have_halves_of_the_day_in_several_languages(text: str, hour: int | None) -> None:
    found = read_time(text, timezone(timedelta(0)))
    assert (found and found.hour) == hour
    assert found is None or (found.month, found.day) == (12, 14)


def test_a_table_without_participants_has_none(tmp_path: Path) -> None:
    path = tmp_path / "empty.csv"
    path.write_text("Identifier,Grade\n,\n")
    assert list(people_in(read_table(path), UTC)) == []
