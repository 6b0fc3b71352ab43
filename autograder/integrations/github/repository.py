"""The GitHub repository that students start from."""

import os
import re
from collections.abc import Mapping
from pathlib import Path

from autograder.course import Assignment, Course
from autograder.errors import UsageError
from autograder.files import write_whole
from autograder.integrations.requirements import pinned
from autograder.notebook import course_notebook

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

    `grader` is the kit on GitHub, OWNER/REPO or OWNER/REPO@REF; `course_repository` the private
    repository with the course, None for the kit's.

    Raises:
        UsageError: a repository's name or a ref is not valid.
        CourseError: there is no release version, or it cannot be read.
    """
    repository, _, ref = grader.partition("@")
    ref = ref or "main"
    for name in filter(None, (repository, course_repository)):
        if not REPOSITORY.fullmatch(name):
            raise UsageError(f"{name!r} is not a repository: write OWNER/REPO.")
    if not REF.fullmatch(ref):
        raise UsageError(f"{ref!r} is not a branch, tag or commit.")
    path = course.notebook_file(assignment, "release")
    notebook = course_notebook(path)
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
    files = {path.name: path.read_bytes()}
    for name, target in FILES.items():
        known = quoted if name.endswith(".yml") else words
        files[target] = _filled(FOLDER / name, known, course_repository is not None).encode()
    lines = ("--extra-index-url https://download.pytorch.org/whl/cpu", *pinned(notebook.cells))
    files["requirements.txt"] = "".join(f"{line}\n" for line in lines).encode()
    return files


def write_files(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write files below a folder, or none if one exists with different content.

    Raises:
        UsageError: a file exists with different content.
    """
    others = [name for name, content in files.items() if _differs(folder / name, content)]
    if others:
        raise UsageError(
            f"{folder}: already contains {', '.join(others)}, with different content. Nothing was "
            "written: choose another folder, or move it away first."
        )
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, content)


def _differs(path: Path, content: bytes) -> bool:
    regular = path.is_file() and not path.is_symlink()
    return path.read_bytes() != content if regular else os.path.lexists(path)


def _due(assignment: Assignment) -> str:
    if assignment.due is None:
        return ""
    return f"It is due on {assignment.due:%d %B %Y, %H:%M} (UTC{assignment.due:%z}).\n"


def _filled(file: Path, words: dict[str, str], private: bool) -> str:
    """Return a file with `{{WORD}}` filled in; some of its lines are for a private course only."""
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
