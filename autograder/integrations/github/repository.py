"""The repository that students start from on GitHub."""

from __future__ import annotations

import re
from pathlib import Path

from autograder.course import Assignment, Course
from autograder.errors import UsageError
from autograder.grading.consistency import course_notebook, notebook_file
from autograder.integrations.requirements import pinned
from autograder.notebook import Notebook, notebook_of

FOLDER = Path(__file__).with_name("template")
FILES = {
    "README.md": "README.md",
    "grade.yml": ".github/workflows/grade.yml",
    "gitignore": ".gitignore",
}
REPOSITORY = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,38}/[A-Za-z0-9._-]{1,100}")
REF = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/-]{0,99}")


def student_repository(
    course: Course, assignment: Assignment, grader: str, course_repository: str | None
) -> dict[str, bytes]:
    """Return the files of the repository, by their paths in it.

    Args:
        course: the course.
        assignment: the assignment; its release version is what students get.
        grader: the kit on GitHub, OWNER/REPO or OWNER/REPO@REF.
        course_repository: the private repository with the course, None for the kit's own.

    Raises:
        UsageError: a repository's name is none.
        CourseError: there is no release version, or it is no notebook.
    """
    repository, _, ref = grader.partition("@")
    ref = ref or "main"
    for name in filter(None, (repository, course_repository)):
        if not REPOSITORY.fullmatch(name):
            raise UsageError(f"{name!r} is no repository: write OWNER/REPO.")
    if not REF.fullmatch(ref):
        raise UsageError(f"{ref!r} is no branch, tag or commit.")
    path = notebook_file(course, assignment, "release")
    course_notebook(path)  # says what is wrong with it
    content = path.read_bytes()
    words = {
        "TITLE": assignment.title or assignment.name,
        "NOTEBOOK": path.name,
        "ASSIGNMENT": assignment.name,
        "GRADER": repository,
        "REF": ref,
        "DUE": _due(assignment),
        "COURSE": course_repository or "",
    }
    quoted = {word: value.replace("'", "''") for word, value in words.items()}  # in YAML's '…'
    files = {path.name: content}
    for name, target in FILES.items():
        known = quoted if name.endswith(".yml") else words
        files[target] = _filled(FOLDER / name, known, course_repository is not None).encode()
    files["requirements.txt"] = _requirements(notebook_of(content, path)).encode()
    return files


def _requirements(notebook: Notebook) -> str:
    lines = ("--extra-index-url https://download.pytorch.org/whl/cpu", *pinned(notebook.cells))
    return "".join(f"{line}\n" for line in lines)


def _due(assignment: Assignment) -> str:
    if assignment.due is None:
        return ""
    return f"It is due on {assignment.due:%d %B %Y, %H:%M} (UTC{assignment.due:%z}).\n"


def _filled(file: Path, words: dict[str, str], private: bool) -> str:
    """Return a file with `{{WORD}}` filled in, and the lines that only a private course has."""
    kept = []
    for line in file.read_text(encoding="utf-8").splitlines():
        if not line.endswith("# private course"):
            kept.append(line)
        elif private:
            kept.append(line.removesuffix("# private course").rstrip())
    text = "\n".join(kept) + "\n"
    for word, value in words.items():
        text = text.replace("{{" + word + "}}", value)
    return text
