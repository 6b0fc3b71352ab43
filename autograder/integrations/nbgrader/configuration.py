"""Configures nbgrader from course.yml, in two lines of nbgrader_config.py.

from autograder.nbgrader import configure
configure(get_config(), __file__)
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

from autograder.course import Course, find_course, load_course, without_password
from autograder.errors import CourseError

OURS = "autograder.integrations.nbgrader.preprocessors."
PLUGIN = "autograder.integrations.nbgrader.late_penalty.CourseLatePenalty"
IN_PLACE_OF = {
    "Execute": "Grade",
    "SaveAutoGrades": "SaveGrades",
    "AssignLatePenalties": "LatePenalties",
}

Hook = Callable[..., Any]


def configure(config: Any, file: str | os.PathLike[str]) -> None:
    """Set nbgrader up for the course that the configuration file belongs to.

    What the file configures above these two lines stays: our preprocessors take the places of
    those they replace, our hook comes before another one.

    Args:
        config: what `get_config()` returns.
        file: the configuration file, `__file__`; course.yml is beside it or above it.

    nbgrader goes on without a configuration file in which something fails, and would grade as if
    we were not there. So when course.yml cannot be used, or says something else than the file,
    that is said, and everything nbgrader would grade is refused.
    """
    put_commands_on_path()
    try:
        from autograder.integrations.nbgrader.pages import offline_pages  # it takes a second

        course = load_course(find_course(Path(file).resolve().parent))
        _agree(config.CourseDirectory, course, file)
        _compose(config, file)
        offline_pages(config)
    except Exception as error:  # whatever it is: without us, nothing is to be graded
        known = isinstance(error, CourseError)
        reason = str(error) if known else f"{file}: {type(error).__name__}: {error}."
        sys.stderr.write(f"{reason}\nNothing will be graded until this is put right.\n")
        config.Autograde.sanitize_preprocessors = [f"{OURS}Refuse"]
        config.Autograde.autograde_preprocessors = [f"{OURS}Refuse"]
        config.Refuse.reason = reason


def _agree(directory: Any, course: Course, file: str | os.PathLike[str]) -> None:
    """Give nbgrader's CourseDirectory the values of course.yml.

    Raises:
        CourseError: it has others.
    """
    folders = {f"{kind}_directory": name for kind, name in course.folders}
    wanted = {
        "root": str(course.root),
        "course_id": course.course,
        "db_url": course.gradebook_url,
        **folders,
        "directory_structure": os.path.join("{nbgrader_step}", "{student_id}", "{assignment_id}"),
    }
    for name, value in wanted.items():
        found = str(directory.get(name, value))
        if _real(name, found, course) != _real(name, value, course):
            theirs, ours = without_password(found), without_password(value)
            raise CourseError(
                f"{file}: c.CourseDirectory.{name} is {theirs!r}, but by {course.file} it "
                f"would be {ours!r}. Let both say the same; see docs/instructor/adopt.md."
            )
    directory.update(wanted)


def _real(name: str, value: str, course: Course) -> str:
    """Return what a value stands for, whatever way it is written."""
    if name == "root":
        return os.path.realpath(os.path.join(course.root, os.path.expanduser(value)))
    if name == "db_url":
        driver, mark, path = course.absolute_url(value).partition("///")
        return driver + mark + (os.path.realpath(path) if driver == "sqlite:" else path)
    return os.path.normpath(value)


def _compose(config: Any, file: str | os.PathLike[str]) -> None:
    """Put our preprocessors and our hook where nbgrader's stand.

    Raises:
        CourseError: one of those we replace is not there.
    """
    autograde = config.Autograde
    before = _preprocessors(autograde, "sanitize_preprocessors")
    autograde.sanitize_preprocessors = [f"{OURS}RepairCells", *before]
    before = _preprocessors(autograde, "autograde_preprocessors")
    after = [_ours(preprocessor) for preprocessor in before]
    missing = [name for name, ours in IN_PLACE_OF.items() if OURS + ours not in after]
    if missing:
        raise CourseError(
            f"{file}: c.Autograde.autograde_preprocessors has no {' and no '.join(missing)} of "
            "nbgrader's, in whose place the kit would stand. Put it in."
        )
    autograde.autograde_preprocessors = after
    config.AssignLatePenalties.setdefault("plugin_class", PLUGIN)
    then = autograde.get("pre_convert_hook") or config.BaseConverter.get("pre_convert_hook")
    autograde.pre_convert_hook = _hook(then)


def _preprocessors(autograde: Any, name: str) -> list[Any]:
    """Return what nbgrader, as it is installed and configured, has in one of its lists."""
    from nbgrader.converters import Autograde

    return list(configured(autograde, name, Autograde.class_traits()[name].make_dynamic_default()))


def _ours(preprocessor: Any) -> Any:
    """Return what stands in place of one of nbgrader's preprocessors, itself if nothing does."""
    name = preprocessor if isinstance(preprocessor, str) else preprocessor.__name__
    replacement = IN_PLACE_OF.get(name.rpartition(".")[2])
    return preprocessor if replacement is None else OURS + replacement


def _hook(then: Any) -> Hook:
    """Return what nbgrader calls before it converts a student's notebooks: ours, then another."""

    def hook(assignment: str, student: str, notebooks: list[str]) -> None:
        from autograder.integrations.nbgrader.preparation import prepare_submission

        try:
            prepare_submission(notebooks)
        except Exception as error:  # nbgrader would go on and copy what links lead to
            sys.stderr.write(f"{notebooks}: {type(error).__name__}: {error}. Not graded.\n")
            notebooks.clear()
            return
        if then is not None:
            module, _, name = then.rpartition(".") if isinstance(then, str) else ("", "", "")
            function = getattr(import_module(module), name) if name else then
            function(assignment=assignment, student=student, notebooks=notebooks)

    return hook


def put_commands_on_path() -> None:
    """Let nbgrader find `alembic`, which it calls by name, in this environment."""
    commands = str(Path(sys.executable).parent)
    if commands not in os.environ.get("PATH", "").split(os.pathsep):
        os.environ["PATH"] = commands + os.pathsep + os.environ.get("PATH", os.defpath)


def configured(section: Any, name: str, usual: Any) -> Any:
    """Return what a section of the configuration says, also by additions to what is usual."""
    value = section.get(name, usual)
    return value.get_value(usual) if hasattr(value, "get_value") else value  # c.….append(…)
