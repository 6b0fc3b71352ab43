"""Shows results in a job of GitHub Actions: log, annotations, summary and outputs."""

import secrets
from collections.abc import Mapping, Sequence
from pathlib import Path

from autograder.course import Assignment, Course, Feedback
from autograder.integrations.github.annotations import annotate, command, limited, read_pushed
from autograder.integrations.github.job_summary import MOST, job_summary
from autograder.record import Record
from autograder.reports.presentation import present_task, submission_messages
from autograder.reports.text import points, quiet
from autograder.source_notebook import SourceNotebook

SUMMARY, OUTPUT = "GITHUB_STEP_SUMMARY", "GITHUB_OUTPUT"


def show_on_github(
    records: Sequence[Record],
    course: Course,
    assignment: Assignment,
    environment: Mapping[str, str],
    notebook: str = "",
    artifact: str = "",
) -> str:
    """Append to the files that the step's environment names; return the text to print.

    `notebook` is the notebook's path in the repository, if it differs from the record's, `artifact`
    the name of the artifact with the page.
    """
    level = assignment.feedback
    printed = without_commands("\n".join(log(record, level) for record in records))
    definitions = SourceNotebook(course, assignment).definitions
    notes = [
        note
        for record in records
        for note in annotate(record, read_pushed(record, assignment, definitions, notebook), level)
    ]
    printed += "".join(f"{command(note)}\n" for note in limited(notes))
    title = assignment.title or assignment.name
    if environment.get(SUMMARY):
        file = Path(environment[SUMMARY])
        room = MOST - (file.stat().st_size if file.exists() else 0)
        pictures = (assignment.suite_folder / "pictures.py").exists()
        _append(file, job_summary(records, title, level, artifact, room, pictures=pictures))
    if environment.get(OUTPUT) and len(records) == 1:
        _append(Path(environment[OUTPUT]), outputs(_outputs(records[0], level)))
    return printed


def log(record: Record, level: Feedback) -> str:
    """Return what the job's log says about a submission."""
    lines = [f"{record.student}: {points(record.score)} of {points(record.max_score)} points"]
    lines += [f"  {text}" for text in submission_messages(record, level)]
    for task in record.tasks:
        shown = present_task(task, "score" if level == "score" else "hints")
        lines.append(f"  {task.name}: {points(shown.score)} of {points(task.max_score)}")
        for advice in shown.advice:
            lines += [f"    {line.strip()}" for line in advice.text.split("\n")]
    return "\n".join(lines)


def without_commands(text: str) -> str:
    """Return text in which the runner ignores commands, up to a token that nobody can guess."""
    token = secrets.token_hex(16)
    return f"::stop-commands::{token}\n{quiet(text)}\n::{token}::\n"


def _outputs(record: Record, level: Feedback) -> dict[str, str]:
    """Return the outputs of a step; after a grader error there is no score."""
    return {
        "score": "" if record.score is None else f"{record.score:g}",
        "max-score": f"{record.max_score:g}",
        "late-penalty": f"{record.late_penalty:g}",
        "status": record.status,
        "feedback": level,
    }


def outputs(values: Mapping[str, str]) -> str:
    """Return a step's outputs for GITHUB_OUTPUT, between delimiters that nobody can guess."""
    blocks = []
    for name, value in values.items():
        delimiter = f"end_{secrets.token_hex(16)}"
        blocks.append(f"{name}<<{delimiter}\n{value}\n{delimiter}\n")
    return "".join(blocks)


def _append(file: Path, text: str) -> None:
    with file.open("a", encoding="utf-8", errors="replace") as stream:
        stream.write(text)
