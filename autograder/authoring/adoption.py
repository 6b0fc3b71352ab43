"""Writes the course.yml of an existing nbgrader course."""

import os
import re
import sys
from importlib.util import find_spec
from pathlib import Path
from secrets import token_hex
from typing import Any

import yaml
from pydantic import ValidationError

from autograder.course import FILE_NAME, Course, Folders
from autograder.errors import CourseError, UsageError
from autograder.files import write_whole
from autograder.integrations.nbgrader.configuration import put_commands_on_path
from autograder.integrations.requirements import imported_modules
from autograder.notebook import Notebook, course_notebook
from autograder.task_cells import tasks_in

LINES = "from autograder.nbgrader import configure\nconfigure(get_config(), __file__)\n"


def adopt(assignment: str, notebook: str | None, suite: str | None) -> Path:
    """Write course.yml for one assignment of the current nbgrader course; return its path.

    `notebook` is needed if the assignment has several; `suite` is relative to the course's folder.

    Raises:
        UsageError: the course has a course.yml, or no such assignment.
        CourseError: the notebook has no cell with tests.
    """
    root, settings = nbgrader_settings()
    folders = settings.pop("folders")
    file = root / FILE_NAME
    path = _choose(root / folders["source"] / assignment, notebook)
    source = course_notebook(path)
    entry = {
        "notebook": path.stem,
        "suite": suite or f"suites/{assignment}",
        "tasks": tasks_in(source, path),
        "preload": modules(source),
    }
    entries = _as_yaml({assignment: entry}, indent=2)
    if file.exists():
        raise UsageError(f"{file} exists already. Add this below its `assignments:`\n\n{entries}")
    usual = Folders().model_dump()
    if other := {kind: name for kind, name in folders.items() if name != usual[kind]}:
        settings["folders"] = other
    text = f"{_as_yaml(settings)}\nassignments:\n{entries}"
    try:
        Course.model_validate(yaml.safe_load(text))
    except ValidationError as error:
        (first, *_) = error.errors()
        where = ".".join(map(str, first["loc"]))
        raise CourseError(
            f"{path}: {FILE_NAME} cannot describe this course: {where}: {first['msg']}, but it is "
            f"{first['input']!r}. Nothing was written."
        ) from None
    write_whole(file, text.encode())
    return file


def nbgrader_settings() -> tuple[Path, dict[str, Any]]:
    """Return the folder of nbgrader's course, and its settings by their keys in course.yml."""
    from nbgrader.apps import NbGraderAPI  # noqa: F401  (completes the applications)
    from nbgrader.apps.baseapp import NbGrader

    put_commands_on_path()
    app = NbGrader()
    app.initialize([])
    directory = app.coursedir
    root = Path(directory.root).resolve()
    return root, {
        "course": directory.course_id or re.sub(r"\W+", "_", root.name).strip("_") or "course",
        "seed": token_hex(16),
        "gradebook": str(directory.db_url).replace(f"sqlite:///{root}{os.sep}", "sqlite:///"),
        "folders": {k: str(getattr(directory, f"{k}_directory")) for k in Folders.model_fields},
    }


def _choose(source: Path, notebook: str | None) -> Path:
    found = {path.stem: path for path in sorted(source.glob("*.ipynb"))}
    names = ", ".join(found)
    if not found:
        raise UsageError(f"{source}: there is no notebook here. Check the name of the assignment.")
    if notebook is None and len(found) > 1:
        raise UsageError(f"{source} has several notebooks: choose one with --notebook: {names}.")
    if notebook is not None and notebook not in found:
        raise UsageError(f"{source} has no notebook {notebook!r}, only {names}.")
    return found[notebook or names]


def modules(notebook: Notebook) -> list[str]:
    """Return the installed modules that a notebook imports, in their order."""
    found = dict.fromkeys(name for cell in notebook.cells for name in imported_modules(cell))
    return [name for name in found if _is_library(name)]


def _is_library(module: str) -> bool:
    """Say whether a module is installed, and comes with neither Python nor Jupyter."""
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
