"""PostgreSQL as gradebook: a real server, several who write at once, and a server that dies."""

from __future__ import annotations

import itertools
import multiprocessing
import os
import re
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import pytest
from nbgrader import api
from nbgrader.api import Gradebook, MissingEntry
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from autograder.course import Assignment, Course, load_course
from autograder.errors import GradebookError
from autograder.grading.batch import grade_batch
from autograder.grading.result import GradingResult
from autograder.integrations.nbgrader import database, gradebook
from autograder.integrations.nbgrader import registration as register
from autograder.integrations.nbgrader import release_version as release
from autograder.integrations.nbgrader.gradebook import GradeWriter
from autograder.sandbox.warm_process import WarmProcess
from autograder.submission import Submission, find_submissions
from autograder.suites.linear_regression.accepted import ACCEPTED
from tests.conftest import COURSE_OF_ONE, ROOT, context_of, hand_in, write_notebook
from tests.corpus.wrong import WRONG
from tests.integrations.nbgrader.commands import BIN, ENVIRONMENT, NAME, grades_in

REQUIRED = os.environ.get("POSTGRES") == "required"
if not REQUIRED:
    pytest.importorskip("psycopg", reason="the extra [postgres] is not installed")
import psycopg  # noqa: E402

from tests.integrations.nbgrader.postgres import PASSWORD, USER, Server, programs  # noqa: E402

ROUNDS = 4
WRITERS = 2
TABLES = {  # rows that belong to one submission of the class, or to the assignment
    "assignment": 1, "notebook": 1, "alembic_version": 1, "grade_cells": 4, "solution_cells": 3, "source_cell": 7,
}  # fmt: skip
ROWS = {"student": 1, "submitted_assignment": 1, "submitted_notebook": 1, "grade": 4, "comment": 3}

pytestmark = [
    pytest.mark.slow,  # a database server
    pytest.mark.filterwarnings("ignore"),  # nbgrader and SQLAlchemy warn of each other
]

NewUrl = Callable[[], str]


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    found = programs()
    if found is None:
        reason = "PostgreSQL's programs are not installed: `make test-postgres` installs them"
        if REQUIRED:
            pytest.fail(reason)
        pytest.skip(reason)
    with Server(found) as server:
        yield server


NUMBERS = itertools.count()


@pytest.fixture
def new_postgres(server: Server) -> NewUrl:
    return lambda: server.create(f"gradebook{next(NUMBERS)}")


@pytest.fixture(params=["sqlite", "postgresql"])
def new_url(request: pytest.FixtureRequest, tmp_path: Path) -> NewUrl:
    """Return a function that returns the URL of one more empty gradebook."""
    if request.param == "sqlite":
        return lambda: f"sqlite:///{tmp_path}/gradebook{next(NUMBERS)}.db"
    new: NewUrl = request.getfixturevalue("new_postgres")
    return new


def make_course(folder: Path, url: str | None = None) -> Path:
    """Make a course without submissions, with a gradebook of its own or this one."""
    folder.mkdir()
    shutil.copy(ROOT / "nbgrader_config.py", folder)
    shutil.copytree(ROOT / "solutions", folder / "solutions")
    course = COURSE_OF_ONE
    if url is not None:
        course, changed = re.subn(r"gradebook: .*", lambda _: f"gradebook: {url}", course)
        assert changed == 1
    (folder / "course.yml").write_text(course)
    return folder


def start(course: Path, *command: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [str(BIN / command[0]), *command[1:]], cwd=course, env=ENVIRONMENT, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip


def ended(process: subprocess.Popen[str], status: int = 0) -> str:
    """Wait for a command; return what it printed, in which there must be no password."""
    output = "".join(process.communicate(timeout=300))
    assert process.returncode == status, output
    assert PASSWORD not in output
    assert "%40ss" not in output
    return output


# The same by both


@dataclass(frozen=True)
class Both:
    """Two courses alike, one with its gradebook in SQLite, one in PostgreSQL."""

    sqlite: Path
    postgres: Path

    def run(self, *command: str, status: int = 0) -> str:
        """Run a command in both; return what it printed in the second."""
        processes = [start(self.sqlite, *command), start(self.postgres, *command)]
        return [ended(process, status) for process in processes][1]

    def grades(self) -> list[dict[str, dict[str, Any]]]:
        courses = [load_course(folder / "course.yml") for folder in (self.sqlite, self.postgres)]
        return [grades_in(course.gradebook_url) for course in courses]


@pytest.fixture(scope="module")
def both(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Both:
    """A small class: all right, to be looked at, unreadable, unchanged, late."""
    folder = tmp_path_factory.mktemp("both")
    both = Both(
        make_course(folder / "sqlite"), make_course(folder / "pg", server.create("compared"))
    )
    for course in (both.sqlite, both.postgres):
        hand_in(course / "submitted", "amara", "elif", "kenji", "chloe")
        stamp = course / "submitted/chloe" / NAME / "timestamp.txt"
        stamp.write_text("2026-12-17 23:00 CET")
        untouched = course / "submitted/untouched" / NAME
        untouched.mkdir(parents=True)
        shutil.copy(ROOT / "assignments" / NAME / f"{NAME}.ipynb", untouched)
    both.run("autograder", "grade")
    return both


def test_postgres_has_the_same_grades_as_sqlite(both: Both) -> None:
    first, second = both.grades()
    assert first == second
    assert first["amara"]["score"] == 100
    assert first["chloe"]["penalty"] == 24
    assert first["elif"]["cells"]["test_gradients"] == (0, None, True)
    assert set(first["kenji"]["cells"].values()) == {(None, None, True)}
    assert first["untouched"]["comments"]["step"] == "No response."


def test_nbgrader_autograde_finds_it_and_writes_the_same(both: Both) -> None:
    before = both.grades()
    both.run("nbgrader", "autograde", NAME, "--force", status=1)  # kenji's is unreadable
    assert both.grades() == before


def test_a_manual_grade_survives_both_ways_of_grading(both: Both) -> None:
    for folder in (both.sqlite, both.postgres):
        with Gradebook(load_course(folder / "course.yml").gradebook_url, "ml_course") as book:
            book.find_grade("test_step", NAME, NAME, "elif").manual_score = 12
            book.find_comment("step", NAME, NAME, "elif").manual_comment = "Nearly."
            book.db.commit()
    both.run("autograder", "grade", "submitted/elif", "--force")
    first, second = both.grades()
    both.run("nbgrader", "autograde", NAME, "--student=elif", "--force")
    assert first == second == both.grades()[0] == both.grades()[1]
    assert first["elif"]["cells"]["test_step"] == (26, 12, True)
    assert first["elif"]["comments"]["step"] == "Nearly."


def test_the_release_is_made_without_the_password_among_the_arguments(
    both: Both, monkeypatch: pytest.MonkeyPatch
) -> None:
    commands: list[Sequence[str]] = []
    run = subprocess.run

    def note(command: Sequence[str], **options: Any) -> Any:
        commands.append(command)
        return run(command, **options)

    monkeypatch.setattr(subprocess, "run", note)
    course = load_course(both.postgres / "course.yml")
    register.release_assignment(course, course.assignment(NAME))
    assert len(commands) == 1
    assert "%40ss" not in " ".join(commands[0])
    assert (both.postgres / "assignments" / NAME / f"{NAME}.ipynb").exists()


# Several at once


@pytest.fixture(scope="module")
def classroom(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A class of eight: four have everything right, the others are wrong in different tasks."""
    course = make_course(tmp_path_factory.mktemp("classroom") / "course")
    wrong = {task: next(a for a in WRONG if a.loses == {task}) for task in ("gradients", "step")}
    pairs = wrong["gradients"], wrong["step"]
    for number, answer in enumerate([*ACCEPTED[:4], *pairs, *pairs]):
        path = course / "submitted" / f"student{number}" / NAME / f"{NAME}.ipynb"
        write_notebook(path, answer.cells())
    return course


@pytest.fixture(scope="module")
def graded(classroom: Path, warm: WarmProcess) -> list[GradingResult]:
    course = load_course(classroom / "course.yml")
    assignment = course.assignment(NAME)
    submissions, _ = find_submissions([course.folder("submitted")], assignment)
    results = grade_batch(submissions, context_of(course, assignment, "test"), warm)
    assert {result.record.score for result in results} > {100}
    return results


def submitted(result: GradingResult) -> Submission:
    return Submission(result.record.student, Path(result.record.notebook))


@pytest.fixture(scope="module")
def made(classroom: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `nbgrader generate_assignment` makes of the course: a gradebook."""
    folder = tmp_path_factory.mktemp("made")
    course = load_course(classroom / "course.yml")
    release.generate(course, course.assignment(NAME), folder, f"sqlite:///{folder}/gradebook.db")
    return folder / "gradebook.db"


def at(classroom: Path, url: str) -> tuple[Course, Assignment]:
    course = load_course(classroom / "course.yml").model_copy(update={"gradebook": url})
    return course, course.assignment(NAME)


class Meeting:
    """Where several begin together, as often as they like; who waits too long goes on alone."""

    def __init__(self, size: int, times: int) -> None:
        spawn = multiprocessing.get_context("spawn")
        self._barriers = [spawn.Barrier(size) for _ in range(times)]

    def wait(self, time: int, seconds: float) -> None:
        if time < len(self._barriers):
            with suppress(threading.BrokenBarrierError):
                self._barriers[time].wait(seconds)


def write(
    classroom: Path,
    made: Path,
    urls: Sequence[str],
    results: Sequence[GradingResult],
    meetings: Sequence[Meeting],
    answer: Connection,
) -> None:
    """Write the same to one gradebook after the other, always together with others.

    They meet before the gradebook is opened, when they know that the assignment is not there, and
    before each submission. Sends the number of times somebody else was quicker.
    """
    start, registration, submission = meetings
    quicker, round_ = 0, 0
    passes = database._is_temporary

    def count(error: SQLAlchemyError) -> bool:
        nonlocal quicker
        quicker += passes(error)
        return passes(error)

    def generate(_: Course, __: Assignment, folder: Path, ___: str) -> None:
        shutil.copy(made, folder)
        registration.wait(round_, 1)

    vars(database)["_is_temporary"] = count
    vars(register)["generate"] = generate
    vars(api)["get_alembic_version"] = lambda: "any"  # a program is started for it
    try:
        for round_, url in enumerate(urls):
            start.wait(round_, 60)
            with GradeWriter(*at(classroom, url)) as writer:
                for number, result in enumerate(results):
                    submission.wait(round_ * len(results) + number, 0.2)
                    writer.write(submitted(result), result)
    except BaseException as error:
        answer.send(f"{type(error).__name__}: {error}")
        raise
    answer.send(quicker)


def write_at_once(
    classroom: Path, made: Path, urls: Sequence[str], shares: Sequence[Sequence[GradingResult]]
) -> int:
    """Let several write to each of the gradebooks at once, each its share.

    Return how often one of them found that another had been quicker.
    """
    spawn = multiprocessing.get_context("spawn")
    shortest = min(map(len, shares))
    times = len(urls), len(urls), len(urls) * shortest
    meetings = [Meeting(len(shares), number) for number in times]
    answers, processes = [], []
    for share in shares:
        mine, theirs = spawn.Pipe(duplex=False)
        arguments = classroom, made, urls, share, meetings, theirs
        process = spawn.Process(target=write, args=arguments)
        process.start()
        theirs.close()
        answers.append(mine)
        processes.append(process)
    quicker = [answer.recv() for answer in answers]
    for process in processes:
        process.join(60)
    assert all(isinstance(number, int) for number in quicker), quicker
    assert [process.exitcode for process in processes] == [0] * len(shares)
    return sum(quicker)


def check_whole(url: str, results: Sequence[GradingResult]) -> None:
    """Check that a gradebook has every row once, and the right scores."""
    with Gradebook(url, "ml_course") as book:
        counts = {
            table: book.db.execute(text(f"SELECT count(*) FROM {table}")).scalar_one()
            for table in (*TABLES, *ROWS)
        }
    assert counts == TABLES | {table: rows * len(results) for table, rows in ROWS.items()}
    found = {student: entry["score"] for student, entry in grades_in(url).items()}
    assert found == {result.record.student: result.record.score for result in results}


def test_two_who_write_the_same_class_at_once_lose_and_double_nothing(
    classroom: Path, made: Path, graded: list[GradingResult], new_url: NewUrl
) -> None:
    urls = [new_url() for _ in range(ROUNDS)]
    quicker = write_at_once(classroom, made, urls, [graded] * WRITERS)
    for url in urls:
        check_whole(url, graded)
    if urls[0].startswith("postgresql"):
        assert quicker >= ROUNDS  # at least at the assignment: the race was one
    before = [grades_in(url) for url in urls]
    write_at_once(classroom, made, urls, [graded, graded[::-1]])
    assert [grades_in(url) for url in urls] == before
    for url in urls:
        check_whole(url, graded)


def test_two_who_write_half_of_the_class_each_complete_it(
    classroom: Path, made: Path, graded: list[GradingResult], new_url: NewUrl
) -> None:
    urls = [new_url() for _ in range(ROUNDS)]
    write_at_once(classroom, made, urls, [graded[::2], graded[1::2]])
    for url in urls:
        check_whole(url, graded)


def test_four_who_write_at_once_are_no_different(
    classroom: Path, made: Path, graded: list[GradingResult], new_url: NewUrl
) -> None:
    urls = [new_url() for _ in range(2)]
    write_at_once(classroom, made, urls, [graded, graded, graded[::-1], graded[::2]])
    for url in urls:
        check_whole(url, graded)


def test_two_commands_from_an_empty_gradebook(new_url: NewUrl, tmp_path: Path) -> None:
    url, students = new_url(), ("amara", "elif")
    course = make_course(tmp_path / "course", url)
    hand_in(course / "submitted", *students)
    processes = [start(course, "autograder", "grade", "-j1") for _ in range(2)]
    for process in processes:
        assert "2 grades written" in ended(process)
    found = grades_in(url)
    assert {student: entry["score"] for student, entry in found.items()} == {
        "amara": 100, "elif": 41,
    }  # fmt: skip
    with Gradebook(url, "ml_course") as book:
        for table, rows in (TABLES | {table: 2 * n for table, n in ROWS.items()}).items():
            count = book.db.execute(text(f"SELECT count(*) FROM {table}")).scalar_one()
            assert (table, count) == (table, rows)


def test_manual_grades_given_while_two_write_survive(
    classroom: Path, made: Path, graded: list[GradingResult], new_url: NewUrl
) -> None:
    """As formgrader gives them: a row is read, changed and committed."""
    url, given = new_url(), {}
    with GradeWriter(*at(classroom, url)):
        pass
    done = threading.Event()

    def grade_by_hand() -> None:
        for number in itertools.count():
            student = graded[number % len(graded)].record.student
            with suppress(MissingEntry), Gradebook(url, "ml_course") as book:
                grade = book.find_grade("test_step", NAME, NAME, student)
                comment = book.find_comment("step", NAME, NAME, student)
                grade.manual_score, comment.manual_comment = float(number % 30), f"no. {number}"
                book.db.commit()
                given[student] = (float(number % 30), f"no. {number}")
            if done.is_set() and len(given) == len(graded):
                return

    person = threading.Thread(target=grade_by_hand)
    person.start()
    try:
        write_at_once(classroom, made, [url] * 3, [graded, graded[::-1]])
    finally:
        done.set()
        person.join()
    found = grades_in(url)
    assert {
        student: (entry["cells"]["test_step"][1], entry["comments"]["step"])
        for student, entry in found.items()
    } == given
    cells = {task.name: task.tests for task in at(classroom, url)[1].tasks}
    scores = {
        result.record.student: {cells[task.name]: task.score for task in result.record.tasks}
        for result in graded
    }
    assert {
        student: {name: cell[0] for name, cell in entry["cells"].items()}
        for student, entry in found.items()
    } == scores


def test_a_submission_has_the_grades_of_one_grading_only(
    classroom: Path, made: Path, graded: list[GradingResult], new_url: NewUrl
) -> None:
    """Two who graded different versions of it, each worse than before in another task."""
    right, wrong = graded[:4], graded[4:]

    def like(others: Sequence[GradingResult]) -> list[GradingResult]:
        return [
            replace(result, record=replace(other.record, student=result.record.student))
            for result, other in zip(wrong, others, strict=True)
        ]

    urls, others = [new_url() for _ in range(ROUNDS)], like([*wrong[1:], wrong[0]])
    for url in urls:
        with GradeWriter(*at(classroom, url)) as writer:
            for result in like(right):
                writer.write(submitted(result), result)
    write_at_once(classroom, made, urls, [wrong, others])
    possible = {
        result.record.student: [[task.score for task in r.record.tasks] for r in (result, other)]
        for result, other in zip(wrong, others, strict=True)
    }
    for url in urls:
        for student, entry in grades_in(url).items():
            cells = [entry["cells"][task.tests][0] for task in at(classroom, url)[1].tasks]
            assert cells in possible[student]


def test_after_a_deadlock_the_submission_is_begun_again(
    classroom: Path, graded: list[GradingResult], new_postgres: NewUrl, server: Server
) -> None:
    """Another process locks the grades, then the submission; the grader the other way round."""
    url = new_postgres()
    name = url.partition("?")[0].rpartition("/")[2]
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
    held, problems = threading.Event(), []

    def somebody() -> None:
        try:
            with psycopg.connect(
                host=str(server.folder), user=USER, password=PASSWORD, dbname=name
            ) as connection:
                connection.execute("UPDATE grade SET manual_score = 5")
                held.set()
                while not server.execute(waiting)[0][0]:
                    time.sleep(0.02)
                connection.execute("UPDATE submitted_assignment SET extension = NULL")
        except psycopg.Error as error:
            problems.append(error)

    with GradeWriter(*at(classroom, url)) as writer:
        writer.write(submitted(graded[0]), graded[0])
        person = threading.Thread(target=somebody)
        person.start()
        held.wait(30)
        writer.write(submitted(graded[0]), graded[0])
        assert not writer._waiting
        person.join()
    assert problems == []
    assert "deadlock detected" in (server.folder / "log").read_text()
    cells = grades_in(url)[graded[0].record.student]["cells"]
    assert cells["test_step"] == (graded[0].record.tasks[2].score, 5, True)


# A server that dies


def test_a_server_that_was_started_again_is_gone_on_with(
    classroom: Path, graded: list[GradingResult], new_postgres: NewUrl, server: Server
) -> None:
    url = new_postgres()
    with GradeWriter(*at(classroom, url)) as writer:
        for number, result in enumerate(graded):
            if number == 3:
                server.kill()
                server.start()
            writer.write(submitted(result), result)
            assert not writer._waiting
    check_whole(url, graded)


def test_a_server_that_comes_back_gets_what_waited_for_it(
    classroom: Path, graded: list[GradingResult], new_postgres: NewUrl, server: Server
) -> None:
    url = new_postgres()
    with GradeWriter(*at(classroom, url)) as writer:
        writer.write(submitted(graded[0]), graded[0])
        server.kill()
        for result in graded[1:]:
            writer.write(submitted(result), result)
        server.start()
    check_whole(url, graded)


def test_a_server_that_dies_in_a_run_is_said_and_the_next_run_completes_it(
    server: Server, new_postgres: NewUrl, tmp_path: Path
) -> None:
    url = new_postgres()
    course = make_course(tmp_path / "course", url)
    students = [f"student{number}" for number in range(6)]
    for student in students:
        cells = [*ACCEPTED[0].cells(), "x = sum(range(20_000_000))"]
        write_notebook(course / "submitted" / student / NAME / f"{NAME}.ipynb", cells)
    process = start(course, "autograder", "grade", "-j1", "--json", "records.jsonl")
    name = url.partition("?")[0].rpartition("/")[2]
    while not written(server, name):
        assert process.poll() is None
        time.sleep(0.05)
    server.kill()
    try:
        output = ended(process, status=2)
    finally:
        server.start()
    (message,) = [line for line in output.splitlines() if line.startswith("autograder: ")]
    assert f"postgresql://grader:***@/{name}?host={server.folder}: the grades of " in message
    assert "could not be written: connection " in message
    assert "Check that the server is running" in message
    assert "Traceback" not in output
    before = written(server, name)
    assert 0 < before < len(students)
    missing = re.findall(r"student\d", message)
    assert len(missing) == len(students) - before
    assert all(f"{student}" in output for student in students)
    assert len((course / "records.jsonl").read_text().splitlines()) == len(students)
    assert f"{len(missing)} grades written" in ended(start(course, "autograder", "grade"))
    assert {entry["score"] for entry in grades_in(url).values()} == {100}
    assert written(server, name) == len(students)


def written(server: Server, name: str) -> int:
    """Return how many grades of students are in a gradebook."""
    with suppress(psycopg.errors.UndefinedTable):
        statement = "SELECT count(DISTINCT notebook_id) FROM grade WHERE auto_score IS NOT NULL"
        return int(server.execute(statement, name)[0][0])
    return 0


# What cannot be used


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ("password", 'password authentication failed for user "grader"'),
        ("database", 'database "nowhere" does not exist'),
        ("server", "No such file or directory"),
    ],
)
def test_a_gradebook_that_cannot_be_used_is_said_without_its_password(
    server: Server, classroom: Path, wrong: str, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gradebook, "PAUSE", 0)
    secret = "s3cret-but-wrong"
    url = {
        "password": server.url("postgres", secret),
        "database": server.url("nowhere"),
        "server": server.url("postgres", secret).replace(str(server.folder), "/nowhere"),
    }[wrong]
    with pytest.raises(GradebookError) as caught, GradeWriter(*at(classroom, url)):
        pass
    message = str(caught.value)
    assert message.startswith("postgresql://grader:***@/")
    assert words in message
    assert message.endswith("are correct, then run the command again.")
    assert secret not in message
    assert "%40ss" not in message


def test_the_command_says_so_with_status_2(server: Server, tmp_path: Path) -> None:
    course = make_course(tmp_path / "course", server.url("nowhere"))
    hand_in(course / "submitted", "amara")
    output = ended(start(course, "autograder", "grade"), status=2)
    assert 'database "nowhere" does not exist' in output
    warning, message = output.splitlines(keepends=True)
    assert "the seed 2026 is published" in warning
    assert message == ended(start(course, "autograder", "release"), status=2)


def test_a_driver_that_is_not_installed_is_named_with_the_extra(
    classroom: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    url = "postgresql://grader:secret@localhost/grades"
    with pytest.raises(GradebookError, match=r"needs psycopg, which is .* extra \[postgres\]") as e:
        GradeWriter(*at(classroom, url)).__enter__()
    assert "secret" not in str(e.value)


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://grader:se:c@ret@localhost/grades",
        "postgresql://grader:sec@ret:x@localhost/grades",
        "postgresql://grader:secret@localhost:port/grades",
        "postgres://grader:secret@localhost/grades",
    ],
)
def test_a_url_that_cannot_be_read_shows_no_password(classroom: Path, url: str) -> None:
    with pytest.raises(GradebookError, match="is not a supported database") as caught:
        GradeWriter(*at(classroom, url)).__enter__()
    assert "ret" not in str(caught.value).replace("gradebook", "").partition("is not")[0]


def test_a_comment_with_anything_in_it_can_be_kept(
    classroom: Path, graded: list[GradingResult], new_postgres: NewUrl
) -> None:
    from autograder.integrations.nbgrader.cell_scores import comment_text

    url = new_postgres()
    with GradeWriter(*at(classroom, url)) as writer:
        writer.write(submitted(graded[0]), graded[0])
        with Gradebook(url, "ml_course") as book:
            comment = book.find_comment("step", NAME, NAME, graded[0].record.student)
            comment.auto_comment = comment_text(
                "".join(map(chr, range(0x300))) + "\ud800\U0001f600"
            )
            book.db.commit()
