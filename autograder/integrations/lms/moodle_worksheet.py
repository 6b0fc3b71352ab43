"""Finds the columns of Moodle's grading worksheet, in whatever language it was downloaded.

The headings are those of Moodle's language packs (`mod/assign/gradingtable.php` has the order).
Where a language is not listed, the order of the columns and their contents tell: the identifier
comes first, the maximum grade is the same in all rows, the grade stands before it.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from autograder.reports.table import Table

HEADINGS: Mapping[str, str] = {
    "Identifier": "Identifier|ID|Identifiant|Identificador|Identificativo|Identificatie|"
    "Identifierare|Идентификатор|Ідентифікатор|Tanımlayıcı|Αναγνωριστικό|标识符|식별자|المُعرَّف|"
    "Identificator|Identifikatzailea|Identifikatorius",
    "Full name": "Full name|Vollständiger Name|Nom complet|Nombre completo|Nome|Nome completo|"
    "Volledige naam|Полное имя|Повна назва|Fullständigt namn|Tam adı|Πλήρες όνομα|フルネーム|全名|"
    "전체 이름|ًالاسم كاملا|Nume complet|Izen osoa|Visas pavadinimas",
    "Email address": "Email address|E-Mail-Adresse|Adresse de courriel|Dirección de correo|"
    "Indirizzo email|E-mail|E-mailadres|Адрес электронной почты|Електронна пошта|E-postadress|"
    "E-posta adresi|Διεύθυνση ηλε.ταχυδρομείου|メールアドレス|电子邮件地址|이메일 주소|"
    "عنوان البريد الإلكتروني|Adresa de e-mail|Adreça electrònica|Helbide elektronikoa|"
    "Enderezo de correo|El. pašto adresas",
    "Username": "Username|Anmeldename|Nom d’utilisateur|Nombre de usuario|Nome de utilizador|"
    "Gebruikersnaam|Логин|Ім’я входу|Användarnamn|Kullanıcı adı|Όνομα χρήστη|ユーザ名|用户名|"
    "사용자 아이디|اسم المستخدم|Nume de utilizator|Nom d'usuari|Erabiltzaile-izena|"
    "Nome de usuario|Naudotojo vardas",
    "ID number": "ID number|ID-Nummer|Numéro d’identification|Número de ID|"
    "Codice identificativo|Número de identificação (ID)|Nummer (ID)|Индивидуальный номер|"
    "Індивідуальний номер|ID nummer|ID numarası|Αναγνωριστικός αριθμός|IDナンバ|学号|id 번호|"
    "رقم المُعرَّف|Număr ID|Número ID|ID zenbakia|ID numeris",
    "Group": "Group|Gruppe|Groupe|Grupo|Gruppo|Groep|Группы|Група|Grupp|Grup|Ομάδα|グループ|小组|"
    "그룹|المجموعة|Taldea|Grupė",
    "Grade": "Grade|Bewertung|Note|Calificación|Valutazione|Avaliação|Cijfer|Оценка|Оцінка|Betyg|"
    "Not|Βαθμός|評点|成绩|성적|الدرجة|Notă|Qualificació|Kalifikazioa|Cualificación|Įvertinimas|"
    "Nota",
    "Maximum Grade": "Maximum Grade|Bestwertung|Note maximale|Calificación máxima|"
    "Valutazione massima|Nota máxima|Maximaal cijfer|Максимальная оценка|Максимальна оцінка|"
    "Maxbetyg|Enyüksek not|Μέγιστος Βαθμός|最大評点|最高分|최대 성적|أعلى تقدير|Notă maximă|"
    "Qualificació màxima|Gehieneko kalifikazioa|Cualificación máxima|Didžiausias įvertinimas",
    "Last modified (submission)": "Last modified (submission)|Zuletzt geändert (Abgabe)|"
    "Dernière modification (travail remis)|Última modificación (entrega)|"
    "Ultima modifica (consegna)|Última atualização (submissão)|Última modificação (envio)|"
    "Laatst gewijzigd (inzending)|Последнее изменение (ответ)|Востаннє змінювалося (здача)|"
    "Senast modifierat (inlämning)|Son düzenleme (gönderim)|Τελευταία τροποποιημένη (υποβολή)|"
    "最終更新日時 (提出)|上次修改（作业）|마지막 수정됨(제출)|آخر تعديل (التسليم)|"
    "Ultima modificare (a răspunsului)|Darrera modificació (tramesa)|Azken aldaketa (bidalketa)",
}

_PARTICIPANT = re.compile(r"([^\W\d][^\d]*?)\s?[0-9]{1,18}")
_NUMBER = re.compile(r"[0-9]+([.,][0-9]+)?")

Columns = Mapping[str, int]
"""The columns that were recognized, by their headings in English."""


def columns_of(table: Table, read_time: Callable[[str], datetime | None]) -> Columns:
    """Return the columns of a grading worksheet; without `Identifier`, it is none."""
    found: dict[str, int] = {}
    for heading, names in HEADINGS.items():
        indices = (table.column(name) for name in names.split("|"))
        index = next((i for i in indices if i is not None and i not in found.values()), None)
        if index is not None:
            found[heading] = index
    cells = [[row[index].strip() for row in table.rows] for index in range(len(table.headings))]
    if not cells or not _are_participants(cells[0]):
        return found if "Grade" in found and table.column("Identifier") is not None else {}
    found["Identifier"] = 0
    shapes: tuple[tuple[str, Callable[[Sequence[str]], bool]], ...] = (
        ("Email address", lambda column: all("@" in cell for cell in column if cell)),
        ("Maximum Grade", lambda column: len({*column}) == 1 and _is_number(column[0])),
        (
            "Last modified (submission)",
            lambda column: any(map(read_time, column)),
        ),
    )
    for heading, fits in shapes:
        for index, column in enumerate(cells):
            if (
                heading not in found
                and index not in found.values()
                and any(column)
                and fits(column)
            ):
                found[heading] = index
    before = found.get("Maximum Grade", 0) - 1
    free = "Grade" not in found and before > 0 and before not in found.values()
    if free and all(text in ("", "-") or _is_number(text) for text in cells[before]):
        found["Grade"] = before
    if "Full name" not in found and len(cells) > 1 and 1 not in found.values():
        found["Full name"] = 1
    return found


def cell(row: Sequence[str], columns: Columns, heading: str) -> str:
    """Return what a row has in a column, "" if the column was not recognized."""
    return row[columns[heading]].strip() if heading in columns else ""


def _are_participants(column: Sequence[str]) -> bool:
    """Tell whether all cells are a word, always the same, and a number."""
    found = [_PARTICIPANT.fullmatch(text) for text in column]
    return len({match and match[1] for match in found}) == 1 and found[0] is not None


def _is_number(text: str) -> bool:
    return _NUMBER.fullmatch(text) is not None
