"""Annotations at the lines of a student's notebook on GitHub."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from autograder.course import Assignment, Feedback
from autograder.errors import SubmissionError
from autograder.files import read_file
from autograder.integrations.github.job_summary import cut
from autograder.notebook import parse_notebook
from autograder.record import Record, TaskScore
from autograder.reports.presentation import present_task, submission_messages
from autograder.reports.text import plain, points, quiet
from autograder.source_notebook import Definitions, answer_cells

MOST = 10  # of a kind in a step; GitHub drops the rest
LONGEST = 3000
LARGEST = 16 << 20  # bytes of a notebook whose lines are annotated

_TOKEN = re.compile(
    r'("[^"\\]*+(?:\\.[^"\\]*+)*+")(\s*:)?|[\[\]{}]', re.DOTALL
)  # a string, a key, a bracket
_LINE = re.compile(r"[^\n]*\n|[^\n]+")
_CELLS = ["cells", None]  # a path in the document: keys of objects, None for lists
_SOURCE = ([*_CELLS, "source"], [*_CELLS, "source", None])
_TYPE = [*_CELLS, "cell_type"]

Lines = tuple[tuple[int, ...], ...]


@dataclass(frozen=True)
class Annotation:
    """A message at a line of a file in the repository."""

    kind: Literal["error", "notice"]
    title: str
    message: str
    file: str
    line: int


@dataclass(frozen=True)
class PushedNotebook:
    """A notebook in the repository.

    `lines` has the line of its file for each line of its code cells; `cells` the number of the
    cell, from 1, with the student's answer to a task.
    """

    file: str
    lines: Lines = ()
    cells: Mapping[str, int] | None = None


def read_pushed(
    record: Record, assignment: Assignment, definitions: Definitions, notebook: str
) -> PushedNotebook:
    """Return the lines of a graded notebook, none of one that cannot be read."""
    file, name = notebook or record.notebook, Path(record.notebook).name
    if notebook and name != f"{assignment.notebook}.ipynb":
        file = str(Path(notebook).with_name(name))  # it was renamed
    try:
        content = read_file(Path(record.notebook), LARGEST)
        read = parse_notebook(content, Path(record.notebook))
    except (OSError, SubmissionError):
        return PushedNotebook(file)
    answers = answer_cells(read, assignment, definitions)
    cells = {task: index + 1 for task, index in answers.items()}
    return PushedNotebook(file, lines_of_cells(content.decode("utf-8-sig", "replace")), cells)


def annotate(record: Record, pushed: PushedNotebook, level: Feedback) -> list[Annotation]:
    """Return annotations with the score and what cost points, the most costly first.

    A finding is annotated at the line that raised an exception, or else where the student's cell of
    that task begins. Consequences of other findings, and what is in no cell, are only in the
    summary.
    """
    total = f"{points(record.score)} of {points(record.max_score)} points"
    sentences = list(submission_messages(record, level))
    if record.error is not None or record.grader_error:
        return [Annotation("error", total, "\n".join(sentences), pushed.file, 1)]
    tasks = (f"{t.name}: {points(t.score)} of {points(t.max_score)}" for t in record.tasks)
    notice = Annotation("notice", total, "\n".join([*sentences, *tasks]), pushed.file, 1)
    if level == "score":
        return [notice]
    by_loss = sorted(record.tasks, key=lambda task: task.score - task.max_score)
    return [notice, *(note for task in by_loss for note in _of_task(task, pushed))]


def limited(notes: Sequence[Annotation]) -> list[Annotation]:
    """Return as many annotations of each kind as GitHub shows; the last one counts the rest."""
    kept = []
    for kind in ("error", "notice"):
        same = [note for note in notes if note.kind == kind]
        if len(same) > MOST:
            left = len(same) - MOST + 1
            more = f"See the job summary for {left} more."
            same = [*same[: MOST - 1], Annotation(same[0].kind, "More", more, same[0].file, 1)]
        kept += same
    return kept


def _of_task(task: TaskScore, pushed: PushedNotebook) -> list[Annotation]:
    failed = (test for test in task.tests if test.outcome == "failed")
    raised = {t.message: t.source_location for t in failed if t.source_location is not None}
    first = next(iter(raised.values()), None)
    answer = (pushed.cells or {}).get(task.name)
    beginning = None if answer is None else (answer, 1, "")
    consequences = {finding.text for finding in task.explained if not finding.misconception}
    found = []
    for advice in present_task(task, "hints").advice:
        where = raised.get(advice.text) or (first if task.explained else None) or beginning
        if where is None or advice.mark or advice.text in consequences:
            continue
        cell, line, _ = where
        score = f"{points(task.score)} of {points(task.max_score)} points"
        title = f"{task.name}: {score}, cell {cell}, line {line}"
        message = "\n".join(part.strip() for part in cut(advice.text, LONGEST).split("\n"))
        in_file = line_of(pushed.lines, cell, line)
        found.append(Annotation("error", title, message, pushed.file, in_file))
    return found


def command(annotation: Annotation) -> str:
    """Return the workflow command of an annotation, on one line."""
    title = quiet(annotation.title)
    properties = {"file": plain(annotation.file), "line": str(annotation.line), "title": title}
    joined = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
    return f"::{annotation.kind} {joined}::{_data(quiet(annotation.message))}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def line_of(lines: Lines, cell: int, line: int) -> int:
    """Return the line of the file for a line of a code cell, both from 1; 1 if it is not known."""
    if not 1 <= cell <= len(lines) or not lines[cell - 1]:
        return 1
    found = lines[cell - 1]
    return found[min(max(line, 1), len(found)) - 1]


def lines_of_cells(text: str) -> Lines:
    """Return, for each code cell of a notebook, the lines of the file in which its lines are.

    A notebook is JSON, and GitHub shows it line by line. One pass over its tokens takes the same
    time for a file of any depth, and needs no valid JSON.
    """
    cells: list[tuple[int, ...]] = []
    pieces: list[tuple[str, int]] = []  # strings of the current cell's source, and their lines
    kind = ""
    path: list[str | None] = []  # compared as a whole: lists of other lengths differ at once
    number, seen = 1, 0
    for token in _TOKEN.finditer(text):
        number += text.count("\n", seen, token.start())
        seen = token.start()
        string, colon = token.groups()
        if string is None and token[0] in "{[":
            if path == _CELLS:
                pieces, kind = [], ""
            path.append(None)
        elif string is None:
            del path[-1:]
            if kind == "code" and path == _CELLS:
                cells.append(_lines(pieces))
        elif colon:
            path[-1:] = [_string(string)]
        elif path in _SOURCE:
            pieces.append((_string(string), number))
        elif path == _TYPE:
            kind = _string(string)
    return tuple(cells)


def _string(word: str) -> str:
    """Return the value of a JSON string, "" if it is not valid."""
    try:
        return str(json.loads(word, strict=False))
    except ValueError:
        return ""


def _lines(pieces: Sequence[tuple[str, int]]) -> tuple[int, ...]:
    """Return the line of the file for each line of a cell, given the strings of its source."""
    found: list[int] = []
    begins = True
    for text, number in pieces:
        for part in _LINE.findall(text.replace("\r\n", "\n").replace("\r", "\n")):
            if begins:
                found.append(number)
            begins = part.endswith("\n")
    return tuple(found)
