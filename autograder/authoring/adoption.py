"""Writes the course.yml of an existing nbgrader course."""

import os
import re
import sys
from collections.abc import Mapping, Sequence
from glob import escape
from importlib.util import find_spec
from pathlib import Path
from secrets import token_hex
from typing import Any

import yaml
from pydantic import ValidationError

from autograder.authoring.course_entry import with_entry
from autograder.beside import hidden_module, listed
from autograder.course import FILE_NAME, Course, Folders, load_course
from autograder.errors import CourseError, UsageError
from autograder.files import write_whole
from autograder.integrations.nbgrader.configuration import put_commands_on_path
from autograder.integrations.requirements import imported_modules
from autograder.notebook import Notebook, course_notebook
from autograder.task_cells import tasks_in

LINES = "from autograder.nbgrader import configure\nconfigure(get_config(), __file__)\n"


def adopt(assignment: str, notebook: str | None, suite: str | None) -> Path:
    """Write course.yml for one assignment of the current nbgrader course; return its path.

    Without `notebook`, all of its notebooks that have tests are adopted. `suite` is relative to the
    course's folder, and about one notebook. Without a suite, the test cells of the notebooks are
    the tests, unless suites/ has a suite for it.

    Raises:
        UsageError: the course has a course.yml, or no such assignment.
        CourseError: the notebook has no cell with tests.
    """
    root, settings = nbgrader_settings()
    source, file = root / settings["folders"]["source"], root / FILE_NAME
    paths = _chosen(source / assignment, notebook)
    entries = {assignment: _entry(root, paths, suite)}
    if file.exists():
        raise UsageError(
            f"{file} exists already. Add this below its `assignments:`\n\n"
            f"{_as_yaml(entries, indent=2)}"
        )
    _write(file, settings, entries, paths[0])
    return file


def adopt_all() -> tuple[Path, list[str], dict[str, str]]:
    """Write course.yml for all assignments of the current nbgrader course, or add those it lacks.

    Returns:
        the path of course.yml, the assignments that were added, and why others were not.

    Raises:
        UsageError: there is no assignment that could be added.
        CourseError: course.yml cannot be extended.
    """
    root, settings = nbgrader_settings()
    source, file = root / settings["folders"]["source"], root / FILE_NAME
    known = set(load_course(file).assignments) if file.exists() else set()
    entries: dict[str, Any] = {}
    left: dict[str, str] = {}
    for folder in sorted(path for path in source.glob("*/") if not path.name.startswith(".")):
        if folder.name not in known:
            try:
                entries[folder.name] = _entry(root, _chosen(folder, None), None)
            except (UsageError, CourseError) as error:
                left[folder.name] = str(error)
    if not entries:
        reasons = "\n".join(left.values()) or f"{source}: there is no assignment to add."
        raise UsageError(reasons)
    if file.exists():
        text = file.read_text(encoding="utf-8")
        for name, entry in entries.items():
            text = with_entry(text, _as_yaml({name: entry}), file)
        write_whole(file, text.encode())
    else:
        _write(file, settings, entries, source)
    return file, list(entries), left


def _entry(root: Path, paths: Sequence[Path], suite: str | None) -> dict[str, Any]:
    """Return the entry of an assignment in course.yml.

    Raises:
        UsageError: it has a suite, and several notebooks.
        CourseError: no notebook has a cell with tests.
    """
    folder = paths[0].parent
    usual = f"suites/{folder.name}"
    if suite is None and any((root / usual).glob("test_*.py")):
        suite = usual
    if suite is not None and len(paths) > 1:
        names = ", ".join(path.stem for path in paths)
        raise UsageError(
            f"{folder} has several notebooks: choose the one that {suite} tests with --notebook: "
            f"{names}."
        )
    sources = {path: course_notebook(path) for path in paths}
    tested = _tested(sources)
    several, (first, *_) = len(tested) > 1, tested
    entry = {
        "notebook": "" if several else first.stem,
        "notebooks": [path.stem for path in tested] if several else [],
        "suite": suite,
        "tasks": [] if several else tested[first],
        "preload": list(dict.fromkeys(name for path in tested for name in modules(sources[path]))),
        "files": [escape(name) for name in listed(folder) if not hidden_module(name)],
    }
    return {key: value for key, value in entry.items() if value or key == "preload"}


def _tested(sources: Mapping[Path, Notebook]) -> dict[Path, list[dict[str, Any]]]:
    """Return the notebooks that have cells with tests, and their tasks.

    Raises:
        CourseError: none has.
    """
    found, problems = {}, []
    for path, notebook in sources.items():
        try:
            found[path] = tasks_in(notebook, path)
        except CourseError as error:
            problems.append(str(error))
    if not found:
        raise CourseError("\n".join(problems))
    return found


def _write(file: Path, settings: dict[str, Any], entries: dict[str, Any], source: Path) -> None:
    """Write a new course.yml; `source` is where the assignments come from, for messages.

    Raises:
        CourseError: it cannot describe the course.
    """
    usual, folders = Folders().model_dump(), settings.pop("folders")
    if other := {kind: name for kind, name in folders.items() if name != usual[kind]}:
        settings["folders"] = other
    text = _as_yaml({**settings, "assignments": entries})
    text = text.replace("\nassignments:", "\n\nassignments:", 1)
    try:
        Course.model_validate(yaml.safe_load(text))
    except ValidationError as error:
        (first, *_) = error.errors()
        where = ".".join(map(str, first["loc"]))
        raise CourseError(
            f"{source}: {FILE_NAME} cannot describe this course: {where}: {first['msg']}, but it "
            f"is {first['input']!r}. Nothing was written."
        ) from None
    write_whole(file, text.encode())


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


def _chosen(source: Path, notebook: str | None) -> list[Path]:
    """Return the notebooks of an assignment, or the one that was chosen."""
    found = {path.stem: path for path in sorted(source.glob("*.ipynb"))}
    names = ", ".join(found)
    if not found:
        raise UsageError(f"{source}: there is no notebook here. Check the name of the assignment.")
    if notebook is not None and notebook not in found:
        raise UsageError(f"{source} has no notebook {notebook!r}, only {names}.")
    return list(found.values()) if notebook is None else [found[notebook]]


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
