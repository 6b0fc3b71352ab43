"""Configures nbgrader from course.yml, with two lines in nbgrader_config.py.

from autograder.nbgrader import configure
configure(get_config(), __file__)
"""

import os
import sys
from collections.abc import Callable
from glob import glob
from importlib import import_module
from pathlib import Path
from typing import Any

from autograder.course import FILE_NAME, Course, find_course, load_course, without_password
from autograder.errors import CourseError

PREPROCESSORS = "autograder.integrations.nbgrader.preprocessors."
PAGES = "autograder.integrations.nbgrader.pages"
TEMPLATES = Path(__file__).parent / "templates"
REPLACEMENTS = {
    "Execute": "Grade",
    "SaveAutoGrades": "SaveGrades",
    "AssignLatePenalties": "LatePenalties",
}


def configure(config: Any, file: str | os.PathLike[str]) -> None:
    """Configure nbgrader for the course that the configuration file belongs to.

    Settings above these two lines are kept: our preprocessors replace nbgrader's in place, and
    our hook runs before an existing one.

    nbgrader ignores a configuration file that raises an error, and would grade without the kit.
    So if course.yml is unusable, or contradicts the file, print the reason and refuse to grade.

    Args:
        config: the object that `get_config()` returns.
        file: the configuration file, `__file__`; course.yml is in its folder or above, or in
            `CourseDirectory.root`.
    """
    put_commands_on_path()
    try:
        course = load_course(_course_file(config.CourseDirectory, file))
        _set_course_directory(config.CourseDirectory, course, file)
        _insert_preprocessors(config, file)
        _find_all_submissions()
        offline_pages(config)
    except Exception as error:  # whatever it is, nbgrader must not grade without the kit
        known = isinstance(error, CourseError)
        reason = str(error) if known else f"{file}: {type(error).__name__}: {error}."
        sys.stderr.write(f"{reason}\nNothing will be graded until this is fixed.\n")
        config.Autograde.sanitize_preprocessors = [f"{PREPROCESSORS}Refuse"]
        config.Autograde.autograde_preprocessors = [f"{PREPROCESSORS}Refuse"]
        config.Refuse.reason = reason


def _course_file(directory: Any, file: str | os.PathLike[str]) -> Path:
    """Return the course.yml that a configuration file belongs to."""
    folder = Path(file).resolve().parent
    root = folder / os.path.expanduser(directory.get("root", ""))
    return find_course(root if (root / FILE_NAME).is_file() else folder)


def _set_course_directory(directory: Any, course: Course, file: str | os.PathLike[str]) -> None:
    """Set nbgrader's CourseDirectory to the values of course.yml.

    Raises:
        CourseError: it is configured with other values.
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
        if _canonical(name, found, course) != _canonical(name, value, course):
            theirs, ours = without_password(found), without_password(value)
            raise CourseError(
                f"{file}: c.CourseDirectory.{name} is {theirs!r}, but {course.file} requires "
                f"{ours!r}. Use the same value in both; see docs/instructor/adopt.md."
            )
    directory.update(wanted)


def _canonical(name: str, value: str, course: Course) -> str:
    """Return the canonical form of a value, to compare different spellings."""
    if name == "root":
        return os.path.realpath(os.path.join(course.root, os.path.expanduser(value)))
    if name == "db_url":
        driver, mark, path = course.absolute_url(value).partition("///")
        return driver + mark + (os.path.realpath(path) if driver == "sqlite:" else path)
    return os.path.normpath(value)


def _insert_preprocessors(config: Any, file: str | os.PathLike[str]) -> None:
    """Replace nbgrader's reader and preprocessors by ours, and add our hook.

    Raises:
        CourseError: a preprocessor to replace is missing.
    """
    autograde = config.Autograde
    autograde.exporter_class = f"{PREPROCESSORS}SubmissionReader"
    before = _preprocessors(autograde, "autograde_preprocessors")
    after = [_replacement(preprocessor) for preprocessor in before]
    missing = [name for name, ours in REPLACEMENTS.items() if PREPROCESSORS + ours not in after]
    if missing:
        raise CourseError(
            f"{file}: c.Autograde.autograde_preprocessors lacks {' and '.join(missing)} of "
            "nbgrader, which the kit replaces by its own. Add what is missing."
        )
    autograde.autograde_preprocessors = after
    config.AssignLatePenalties.setdefault("plugin_class", f"{PREPROCESSORS}CourseLatePenalty")
    then = autograde.get("pre_convert_hook") or config.BaseConverter.get("pre_convert_hook")
    autograde.pre_convert_hook = _hook(then)


def _preprocessors(autograde: Any, name: str) -> list[Any]:
    """Return a list of preprocessors as configured, or nbgrader's default."""
    from nbgrader.converters import Autograde

    return list(configured(autograde, name, Autograde.class_traits()[name].make_dynamic_default()))


def _replacement(preprocessor: Any) -> Any:
    """Return our replacement of a preprocessor, or the preprocessor itself."""
    name = preprocessor if isinstance(preprocessor, str) else preprocessor.__name__
    replacement = REPLACEMENTS.get(name.rpartition(".")[2])
    return preprocessor if replacement is None else PREPROCESSORS + replacement


def _hook(then: Any) -> Callable[..., None]:
    """Return the hook for nbgrader to call before it converts notebooks; it calls `then` last."""

    def hook(assignment: str, student: str, notebooks: list[str]) -> None:
        from autograder.integrations.nbgrader.preparation import prepare_submission

        try:
            prepare_submission(notebooks)
        except Exception as error:  # otherwise nbgrader would copy the targets of links
            sys.stderr.write(f"{notebooks}: {type(error).__name__}: {error}. Not graded.\n")
            notebooks.clear()
            return
        if then is not None:
            module, _, name = then.rpartition(".") if isinstance(then, str) else ("", "", "")
            function = getattr(import_module(module), name) if name else then
            function(assignment=assignment, student=student, notebooks=notebooks)

    return hook


def _find_all_submissions() -> None:
    """Let nbgrader find submissions in folders where it sees no notebook (`x.IPYNB`, `x.py`).

    nbgrader has no setting for that, and passes over them without a grade or a comment.
    """
    from nbgrader.converters import Autograde
    from nbgrader.converters.base import BaseConverter

    prepare = _hook(None)

    def init_notebooks(converter: Any) -> None:
        directory = converter.coursedir
        pattern = converter._format_source(directory.assignment_id, directory.student_id)
        for folder in map(Path, glob(pattern)):
            student = folder.parent.name
            known = any(folder.glob("*.ipynb"))
            if not known and student not in directory.student_id_exclude.split(","):
                prepare(folder.name, student, [str(folder / "unknown.ipynb")])
        BaseConverter.init_notebooks(converter)

    Autograde.init_notebooks = init_notebooks


def offline_pages(config: Any) -> None:
    """Configure nbgrader to use our templates and filters before any others."""
    exporter = config.HTMLExporter
    default = [nbgrader_templates()]
    folders = configured(exporter, "extra_template_basedirs", default) or default
    exporter.extra_template_basedirs = [str(TEMPLATES), *folders]
    ours = {"markdown2html": f"{PAGES}.Markdown", "latex2html": f"{PAGES}.latex2html"}
    exporter.filters = ours | (configured(exporter, "filters", {}) or {})


def nbgrader_templates() -> str:
    """Return the folder of nbgrader's templates, which it drops when others are configured."""
    import nbgrader

    folder = Path(nbgrader.__file__).parent
    return str(folder / "server_extensions" / "formgrader" / "templates")


def put_commands_on_path() -> None:
    """Put this environment's commands on PATH, because nbgrader calls `alembic` by name."""
    commands = str(Path(sys.executable).parent)
    if commands not in os.environ.get("PATH", "").split(os.pathsep):
        os.environ["PATH"] = commands + os.pathsep + os.environ.get("PATH", os.defpath)


def configured(section: Any, name: str, default: Any) -> Any:
    """Return a configured value, with additions such as `c.….append(…)` applied to the default."""
    value = section.get(name, default)
    return value.get_value(default) if hasattr(value, "get_value") else value
