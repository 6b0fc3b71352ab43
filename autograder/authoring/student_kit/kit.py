"""Makes the students' kit: a wheel with `autograder check`, the public tests, and no secrets.

It holds what `check` and the public tests import, rather than all but a list of exceptions. What
the public tests observe of known mistakes is computed here and packed as numbers.
"""

import ast
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

import autograder
from autograder.authoring.student_kit.imports import Needed, needed
from autograder.authoring.student_kit.wheel import wheel
from autograder.course import Assignment, Course
from autograder.diagnosis.misconception import SOLUTION
from autograder.diagnosis.signatures import FILE_NAME, as_json
from autograder.errors import CourseError, UsageError
from autograder.grading.explainer import Explainer
from autograder.notebook import read_notebook
from autograder.reports.html import TEMPLATE
from autograder.sandbox.worker.child import seed_everything
from autograder.selfcheck import HELP_PAGE
from autograder.selfcheck.discovery import GIVEN, public_folder
from autograder.selfcheck.in_process import namespace_of
from autograder.selfcheck.isolation import preserve_random_state
from autograder.selfcheck.public_session import public_assignment, run_public_session
from autograder.suites import HANDED_OUT

PACKAGE = Path(autograder.__file__).parent
ROOTS = ("autograder", "autograder.__main__")
PUBLIC_FOLDERS = ("public", "support")
"""Folders of a suite that are packed as they are."""
SUPPORT_CODE = PACKAGE / "testing" / "support"  # which the kit's own helpers run
SECRET = ("solution", "misconceptions", "accepted", "attacks", "contract", "known", "pictures")
"""Modules of a suite that are never handed out, like its `test_*.py`."""
LARGE = 6  # nodes: smaller expressions, such as `loss.backward()`, give nothing away


@dataclass(frozen=True)
class Suite:
    """The suite of an assignment with public tests: its folder, and its package in the kit.

    `notebook` is the one that students get.
    """

    assignment: Assignment
    folder: Path
    package: str
    notebook: Path

    def roots(self) -> Iterator[str]:
        """Yield the modules of the suite that students need, besides those that these import."""
        yield from (self.package, f"{self.package}.conftest")
        for part in PUBLIC_FOLDERS:
            for path in sorted((self.folder / part).rglob("*.py")):
                names = path.relative_to(self.folder).with_suffix("").parts
                yield ".".join([self.package, *names]).removesuffix(".__init__")


def students_wheel(course: Course, assignments: Sequence[Assignment]) -> tuple[str, bytes]:
    """Return the name and the contents of the students' kit for some assignments.

    Raises:
        UsageError: none of them has public tests.
        CourseError: it would give something secret away.
    """
    suites = _suites(course, assignments)
    packages = {"autograder": PACKAGE, **{suite.package: suite.folder for suite in suites}}
    found = needed([*ROOTS, *(root for suite in suites for root in suite.roots())], packages)
    files = _modules(found)
    for suite in suites:
        files |= _more_of(suite, found)
        _refuse_spoilers(suite, files)
    names = {suite.assignment.name: suite.folder.name for suite in suites}
    files[f"autograder/suites/{HANDED_OUT.name}"] = json.dumps(names).encode()
    files[f"autograder/selfcheck/{HELP_PAGE.name}"] = HELP_PAGE.read_bytes()
    others = found.others | {m.split(".")[0] for s in suites for m in s.assignment.preload}
    return wheel(names, others, HELP_PAGE.read_text(encoding="utf-8"), files)


def _suites(course: Course, assignments: Sequence[Assignment]) -> list[Suite]:
    folders: dict[str, Path] = {}
    chosen = []
    for assignment in assignments:
        if not public_folder(assignment).is_dir():
            continue
        name = assignment.suite_folder.name
        if folders.setdefault(name, assignment.suite_folder) != assignment.suite_folder:
            raise CourseError(
                f"{assignment.suite_folder} and {folders[name]} have the same name: rename one."
            )
        notebook = course.notebook_file(assignment, "release")
        chosen.append(Suite(assignment, folders[name], f"autograder.suites.{name}", notebook))
    if not chosen:
        raise UsageError(
            f"No assignment of {course.file} has public tests, in a folder public/ of its suite."
        )
    return chosen


def _modules(found: Needed) -> dict[str, bytes]:
    """Return the modules by their paths in the wheel."""
    files = {}
    for name, file in found.files.items():
        _refuse_secret(name, file, found.asked_by[name])
        path = name.replace(".", "/") + ("/__init__" if file.name == "__init__.py" else "")
        files[f"{path}.py"] = file.read_bytes()
        template = file.with_suffix(TEMPLATE)
        if template.exists():
            files[path + TEMPLATE] = template.read_bytes()
        text = file.read_text(encoding="utf-8")
        for support in SUPPORT_CODE.glob("*.py"):
            if f'"{support.name}"' in text:
                files[support.relative_to(PACKAGE.parent).as_posix()] = support.read_bytes()
    return files


def _refuse_secret(name: str, file: Path, asking: str) -> None:
    parts = name.removeprefix("autograder.suites.").split(".")
    if len(parts) == 2 and (parts[1] in SECRET or parts[1].startswith("test_")):
        raise CourseError(
            f"{file} is not for students, but {asking} imports it. Move what the public tests "
            "need into another module."
        )


def _more_of(suite: Suite, found: Needed) -> dict[str, bytes]:
    """Return a suite's other files: data, the notebook's files, signatures of known mistakes."""
    own = [f for name, f in found.files.items() if name.startswith(f"{suite.package}.")]
    paths = {p for part in PUBLIC_FOLDERS for p in (suite.folder / part).rglob("*") if p.is_file()}
    paths |= set(_data(suite.folder, own))
    base = suite.package.replace(".", "/")
    files = {
        f"{base}/{path.relative_to(suite.folder).as_posix()}": path.read_bytes()
        for path in sorted(paths)
        if "__pycache__" not in path.parts
    }
    given = suite.assignment.given_files.items()
    files |= {f"{base}/{GIVEN}/{name}": content for name, content in given}
    known = _signatures(suite)
    return files | ({f"{base}/{FILE_NAME}": known.encode()} if known else {})


def _data(folder: Path, modules: Sequence[Path]) -> Iterator[Path]:
    """Yield the files beside a suite's modules that these mention by name."""
    text = "\n".join(module.read_text(encoding="utf-8") for module in modules)
    for path in sorted(folder.iterdir()):
        if path.is_file() and path.suffix != ".py" and f'"{path.name}"' in text:
            yield path


def _signatures(suite: Suite) -> str:
    """Return what the public tests observe of known mistakes, "" if none are known."""
    public = public_assignment(suite.assignment)
    explainer = Explainer(public, "", namespace_of, run_public_session, suite.folder)
    for module in suite.assignment.preload:
        with suppress(ImportError):
            import_module(module)
    with preserve_random_state():
        seed_everything()  # some mistakes draw numbers
        known = explainer.known
        pairs = {task: explainer.pairs(task) for task in known.singles}
    return as_json(known, pairs, explainer.tests()) if pairs else ""


def _refuse_spoilers(suite: Suite, files: Mapping[str, bytes]) -> None:
    """Refuse to hand out parts of the solution that the notebook does not show."""
    solution = suite.folder / SOLUTION
    if not solution.exists():
        return
    if not suite.notebook.exists():
        raise CourseError(
            f"{suite.notebook} is missing. The students' kit may show only what it shows. Make it "
            "with `autograder release`."
        )
    shown = read_notebook(suite.notebook).cells
    base = f"{suite.package.replace('.', '/')}/"
    for name, content in files.items():
        if name.startswith(base) and name.endswith(".py"):
            found = spoilers(content.decode(), solution.read_text(encoding="utf-8"), shown)
            for line, expression in found:
                raise CourseError(
                    f"{suite.folder / name.removeprefix(base)}, line {line}: `{expression}` is "
                    f"also in {SOLUTION}, but not in the notebook that students get: it would give "
                    "the solution away. Rewrite or move it."
                )


def spoilers(source: str, solution: str, shown: Iterable[str]) -> list[tuple[int, str]]:
    """Return the expressions of a solution that are in a source, with their lines, longest first.

    `shown` are the cells of the notebook that students have: what these show is no secret.
    """
    secret = set(_expressions(solution)) - {e for cell in shown for e in _expressions(cell)}
    found = [(line, text) for text, line in _expressions(source).items() if text in secret]
    return sorted(found, key=lambda one: (one[0], -len(one[1])))


def _expressions(source: str) -> dict[str, int]:
    """Return the larger expressions in code, as Python would write them, with their lines."""
    plain = "\n".join(
        "" if line.lstrip().startswith(("%", "!")) else line for line in source.splitlines()
    )
    try:
        tree = ast.parse(plain)
    except SyntaxError:
        return {}
    return {
        ast.unparse(node): node.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.expr) and _size(node) >= LARGE
    }


def _size(node: ast.AST) -> int:
    parts = (n for n in ast.walk(node) if not isinstance(n, ast.expr_context | ast.operator))
    return sum(1 for _ in parts)
