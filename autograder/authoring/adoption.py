"""Writes the course.yml of a course that is there already, from what nbgrader knows of it."""

from __future__ import annotations

import ast
import os
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from secrets import token_hex
from typing import Any

import yaml
from pydantic import ValidationError

from autograder.course import FILE_NAME, Course, Folders
from autograder.errors import CourseError, UsageError
from autograder.files import write_whole
from autograder.grading.consistency import course_notebook
from autograder.integrations.nbgrader.configuration import put_commands_on_path
from autograder.notebook import grade_id, source_of

LINES = "from autograder.nbgrader import configure\nconfigure(get_config(), __file__)\n"
TEST = re.compile(r"^tests?[_-]|[_-]tests?$")


@dataclass(frozen=True)
class Layout:
    """What nbgrader's configuration says about a course."""

    root: Path
    course: str
    gradebook: str
    folders: dict[str, str]


def adopt(start: Path, assignment: str, notebook: str | None, suite: str | None) -> Path:
    """Write course.yml for one assignment of the nbgrader course in a folder; return its path.

    Args:
        start: the folder in which nbgrader commands are run.
        assignment: its name, as in nbgrader.
        notebook: which one of its notebooks; needed when it has several.
        suite: the folder of its suite, from the course's.

    Raises:
        UsageError: there is a course.yml already, or no such assignment.
        CourseError: the notebook has nothing that could be tested.
    """
    layout = layout_of(start)
    file = layout.root / FILE_NAME
    source = layout.root / layout.folders["source"] / assignment
    path = _choose(source, notebook)
    document = course_notebook(path)
    suite = suite or f"suites/{assignment}"
    entry: dict[str, Any] = {"notebook": path.stem, "suite": suite}
    entry["tasks"] = list(tasks(document, path))
    entry["preload"] = list(modules(document))
    if file.exists():
        raise UsageError(
            f"{file} is there already. Add this below its `assignments:`\n\n"
            + _as_yaml({assignment: entry}, indent=2)
        )
    usual = Folders().model_dump()
    other = {kind: name for kind, name in layout.folders.items() if name != usual[kind]}
    head: dict[str, Any] = {"course": layout.course, "seed": token_hex(16)}
    head["gradebook"] = layout.gradebook
    head |= {"folders": other} if other else {}
    text = _as_yaml(head) + "\nassignments:\n" + _as_yaml({assignment: entry}, indent=2)
    try:
        Course.model_validate(yaml.safe_load(text))
    except ValidationError as error:
        (first, *_) = error.errors()
        where = ".".join(map(str, first["loc"]))
        raise CourseError(
            f"{path}: this course does not fit into {FILE_NAME}: {where}: {first['msg']}, but it "
            f"is {first['input']!r}. Nothing was written."
        ) from None
    write_whole(file, text.encode())
    return file


def layout_of(start: Path) -> Layout:
    """Return what nbgrader, run in a folder, takes for the course's folders."""
    from nbgrader.apps import NbGraderAPI  # noqa: F401  (it completes the applications)
    from nbgrader.apps.baseapp import NbGrader

    put_commands_on_path()
    before = Path.cwd()
    os.chdir(start)
    try:
        app = NbGrader()
        app.initialize([])
        directory = app.coursedir
        root = Path(directory.root).resolve()
    finally:
        os.chdir(before)
    database = str(directory.db_url).replace(f"sqlite:///{root}{os.sep}", "sqlite:///")
    kinds = Folders.model_fields
    return Layout(
        root,
        directory.course_id or re.sub(r"\W+", "_", root.name).strip("_") or "course",
        database,
        {kind: str(getattr(directory, f"{kind}_directory")) for kind in kinds},
    )


def _choose(source: Path, notebook: str | None) -> Path:
    found = sorted(source.glob("*.ipynb"))
    names = ", ".join(path.stem for path in found)
    if not found:
        raise UsageError(f"{source}: there are no notebooks here. Is this the assignment's name?")
    if notebook is None and len(found) > 1:
        raise UsageError(f"{source} has several notebooks: choose with --notebook one of {names}.")
    for path in found:
        if notebook in (None, path.stem):
            return path
    raise UsageError(f"{source} has no notebook {notebook!r}: it has {names}.")


def tasks(document: dict[str, Any], path: Path) -> Iterator[dict[str, Any]]:
    """Yield a task for each cell with tests: its name, points and cells.

    Its solution is the last cell above it that students fill in, unless another task has it.

    Raises:
        CourseError: there is none.
    """
    solution, names = None, set()
    for cell in document["cells"]:
        grading = cell.get("metadata", {}).get("nbgrader", {})
        if grading.get("solution") and not grading.get("grade") and cell["cell_type"] == "code":
            solution = grade_id(cell)
        if grading.get("grade") and not grading.get("solution"):
            name = TEST.sub("", grade_id(cell)) or grade_id(cell)
            name = grade_id(cell) if name in names else name
            names.add(name)
            points = float(grading.get("points", 0))
            task = {"name": name, "points": int(points) if points.is_integer() else points}
            yield task | ({"solution": solution} if solution else {}) | {"tests": grade_id(cell)}
            solution = None
    if not names:
        raise CourseError(
            f"{path} has no cell with tests: one with points that students cannot change, "
            "`Autograder tests` in JupyterLab's Create Assignment."
        )


def modules(document: dict[str, Any]) -> list[str]:
    """Return the installed modules that a notebook imports, in their order."""
    found: dict[str, None] = {}
    for cell in document["cells"]:
        if cell.get("cell_type") != "code":
            continue
        try:
            tree = ast.parse(source_of(cell))
        except SyntaxError:  # a magic
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                found.update(dict.fromkeys(alias.name for alias in node.names))
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                found[node.module] = None
    return [name for name in found if _worth_keeping(name)]


def _worth_keeping(module: str) -> bool:
    """Say whether a module is installed, and more than what comes with Python or Jupyter."""
    top = module.partition(".")[0]
    if top in sys.stdlib_module_names or top == "IPython" or find_spec(top) is None:
        return False
    try:
        return find_spec(module) is not None
    except ImportError:
        return False


def _as_yaml(data: dict[str, Any], indent: int = 0) -> str:
    text = yaml.safe_dump(data, sort_keys=False, allow_unicode=True, default_flow_style=None)
    return "".join(f"{' ' * indent}{line}\n" for line in text.splitlines())
