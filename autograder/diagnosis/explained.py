"""Known mistakes that an instructor has explained on the code of a submission.

Each is a file in the folder `explained` of a suite: the functions and classes of a student, which
take the place of those of the reference solution. Its docstring has the task, the tests that it
loses, and after an empty line what students read: what happened, why, and where to look.
"""

import ast
from collections.abc import Sequence
from pathlib import Path

from autograder.diagnosis.misconception import Change, Misconception, load_library
from autograder.errors import CourseError

FOLDER = "explained"


def load_mistakes(suite: Path, solution: str = "") -> tuple[str, tuple[Misconception, ...]]:
    """Return what `load_library` does, with the mistakes that were explained on submissions.

    Raises:
        CourseError: a file cannot be read, or is no change to the reference solution.
    """
    solution, library = load_library(suite, solution)
    files = sorted((suite / FOLDER).glob("*.py")) if solution else []
    found = (explained_mistake(file.stem, _read(file), solution, str(file)) for file in files)
    return solution, (*library, *found)


def explained_mistake(name: str, content: str, solution: str, where: str) -> Misconception:
    """Return a mistake for the content of a file.

    Args:
        name: the name of the mistake.
        content: the file.
        solution: the code of the reference solution.
        where: the file's path, for messages.

    Raises:
        CourseError: it is no change to the reference solution.
    """
    try:
        tree = ast.parse(content)
        task, loses, text = _docstring(tree)
    except (SyntaxError, ValueError, KeyError):
        raise CourseError(
            f"{where}: it should begin with a docstring that has the lines `task: …` and "
            "`loses: …`, and after an empty line what students read, and go on with Python."
        ) from None
    happened, why, look = ([*text.splitlines(), "", "", ""])[:3]
    change = _change(content, tree.body[1:], solution)
    if not change:
        raise CourseError(
            f"{where}: it has no function or class of the reference solution to replace."
        )
    return Misconception(name, task, (change,), happened, why, look, loses)


def explained_files(suite: Path) -> dict[str, list[Path]]:
    """Return the files of mistakes by task; "" has those that cannot be read."""
    found: dict[str, list[Path]] = {}
    for file in sorted((suite / FOLDER).glob("*.py")):
        try:
            task, _, _ = _docstring(ast.parse(file.read_bytes()))
        except (SyntaxError, ValueError, KeyError, OSError):
            task = ""
        found.setdefault(task, []).append(file)
    return found


def file_of(task: str, loses: Sequence[str], text: str, code: str) -> str:
    """Return the content of a file; `loses` are the names of tests, `text` what students read."""
    tests = " ".join(name.removeprefix("test_") for name in loses)
    return f'"""task: {task}\nloses: {tests}\n\n{text.strip()}\n"""\n\n{code.strip()}\n'


def _docstring(tree: ast.Module) -> tuple[str, str, str]:
    """Return the task of a mistake, the tests that it loses, and what students read."""
    head, _, text = (ast.get_docstring(tree) or "").partition("\n\n")
    fields = dict(line.split(": ", 1) for line in head.splitlines())
    return fields["task"], fields["loses"], text


def _change(content: str, body: Sequence[ast.stmt], solution: str) -> Change:
    """Return what replaces the definitions of the solution; what else there is comes before."""
    known = {
        name: ast.get_source_segment(solution, node) or ""
        for node in ast.parse(solution).body
        if (name := getattr(node, "name", ""))
    }
    ours = [node for node in body if getattr(node, "name", "") in known]
    besides = [ast.get_source_segment(content, node) or "" for node in body if node not in ours]
    new = [ast.get_source_segment(content, node) or "" for node in ours]
    if new:
        new[0] = "\n\n\n".join([*besides, new[0]])
    return tuple((known[node.name], text) for node, text in zip(ours, new, strict=True))  # type: ignore[attr-defined]


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise CourseError(f"{file} cannot be read: {error}.") from None
