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
PRIVATE = "  # private course"  # marks the lines that only a private course needs
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
    notebook, due = course_notebook(path), assignment.due
    words = {
        "TITLE": assignment.title or assignment.name,
        "NOTEBOOK": path.name,
        "ASSIGNMENT": assignment.name,
        "GRADER": repository,
        "REF": ref,
        "DUE": f"It is due on {due:%d %B %Y, %H:%M} (UTC{due:%z}).\n" if due else "",
        "COURSE": course_repository or "",
    }
    quoted = {word: value.replace("'", "''") for word, value in words.items()}  # in YAML's '…'
    files = {path.name: path.read_bytes(), **assignment.given_files}
    for name, target in FILES.items():
        known = quoted if name.endswith(".yml") else words
        files[target] = _filled(FOLDER / name, known).encode()
    lines = pinned(notebook.cells)
    if any(line.startswith("torch==") for line in lines):
        lines.insert(0, "--extra-index-url https://download.pytorch.org/whl/cpu")
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


def _filled(file: Path, words: Mapping[str, str]) -> str:
    """Return a template with `{{WORD}}` filled in."""
    lines = file.read_text(encoding="utf-8").splitlines(keepends=True)
    text = "".join(line for line in lines if words["COURSE"] or PRIVATE not in line)
    text = text.replace(PRIVATE, "")
    for word, value in words.items():
        text = text.replace("{{" + word + "}}", value)
    return text
