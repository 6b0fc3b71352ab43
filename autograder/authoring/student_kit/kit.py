"""Makes the students' kit: a wheel with `autograder check`, the public tests, and no secrets.

It holds what `check` and the public tests import, rather than all but a list of exceptions. Of a
file with other tests, only the public ones and what they use go in. What the reference solution
answers to these, and what they observe of known mistakes, is computed here and packed as numbers.
"""

import ast
import json
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, cast

import autograder
from autograder.authoring.student_kit.imports import Needed, needed
from autograder.authoring.student_kit.public_part import public_part
from autograder.authoring.student_kit.trial import try_out
from autograder.authoring.student_kit.wheel import wheel
from autograder.course import Assignment, Course
from autograder.diagnosis.misconception import SOLUTION
from autograder.diagnosis.signatures import FILE_NAME, as_json
from autograder.errors import CourseError, UsageError
from autograder.grading.explainer import Explainer
from autograder.grading.public_tests import has_public_tests, marked_tests, public_folder
from autograder.grading.reference import Reference
from autograder.grading.suite_run import collect_suite
from autograder.notebook import course_notebook, read_notebook
from autograder.reports.html import TEMPLATE
from autograder.sandbox.worker.child import seed_everything
from autograder.selfcheck import HELP_PAGE, kept_answers
from autograder.selfcheck.discovery import GIVEN, SuiteAssignment
from autograder.selfcheck.in_process import namespace_of
from autograder.selfcheck.isolation import preserve_random_state
from autograder.selfcheck.public_session import run_public_session
from autograder.source_notebook import SourceNotebook
from autograder.suites import HANDED_OUT, PUBLIC_SEED

PACKAGE = Path(autograder.__file__).parent
ROOTS = ("autograder", "autograder.__main__")
PUBLIC_FOLDERS = ("public", "support")
"""Folders of a suite that are for students."""
SUPPORT_CODE = PACKAGE / "testing" / "support"  # which the kit's own helpers run
SECRET = ("solution", "misconceptions", "accepted", "attacks", "contract", "known", "pictures")
"""Modules of a suite that are never handed out, like its `test_*.py`."""
LIBRARY_OF_LINE = re.compile(r" *<!-- only with (\w+) -->")
LARGE = 6  # nodes: smaller expressions, such as `loss.backward()`, give nothing away


@dataclass(frozen=True)
class Suite:
    """The suite of an assignment with public tests: its folder, and its package in the kit.

    `notebook` is the one that students get; `marked` are the public parts of its `test_*.py`, by
    the modules' names.
    """

    course: Course
    assignment: Assignment
    folder: Path
    package: str
    notebook: Path
    marked: Mapping[str, ast.Module]

    @property
    def base(self) -> str:
        """The folder of its package in the kit."""
        return f"{self.package.replace('.', '/')}/"

    def roots(self) -> Iterator[str]:
        """Yield the modules of the suite that students need, besides those that these import."""
        yield from (self.package, f"{self.package}.conftest")
        yield from self.marked
        for path in self.public_files():
            if path.suffix == ".py":
                names = path.relative_to(self.folder).with_suffix("").parts
                yield ".".join([self.package, *names]).removesuffix(".__init__")

    def public_files(self) -> Iterator[Path]:
        """Yield the files in the folders for students.

        Without a folder public/, only that support code which the public tests name.
        """
        conftest = self.folder / "conftest.py"
        texts = [conftest.read_text(encoding="utf-8")] if conftest.exists() else []
        texts += map(ast.unparse, self.marked.values())
        everything = public_folder(self.folder).is_dir()
        for part in PUBLIC_FOLDERS:
            for path in sorted((self.folder / part).rglob("*")):
                wanted = everything or names_file("\n".join(texts), path.name)
                if path.is_file() and "__pycache__" not in path.parts and wanted:
                    yield path


def students_wheel(course: Course, assignments: Sequence[Assignment]) -> tuple[str, bytes]:
    """Return the name and the contents of the students' kit for some assignments.

    Raises:
        UsageError: none of them has public tests.
        CourseError: it would give something secret away.
    """
    suites = _suites(course, assignments)
    files, others = _files(suites)
    for suite in suites:
        files |= _computed(suite, files, known=True)
    about = {s.assignment.name: _about(s) for s in suites}
    files[f"autograder/suites/{HANDED_OUT.name}"] = json.dumps(about).encode()
    others |= {m.split(".")[0] for s in suites for m in s.assignment.preload}
    page = help_page(HELP_PAGE.read_text(encoding="utf-8"), others)
    files[f"autograder/selfcheck/{HELP_PAGE.name}"] = page.encode()
    return wheel(about, others, page, files)


def _about(suite: Suite) -> dict[str, Any]:
    """Return what the kit has to know of an assignment without its course.yml."""
    marks = suite.assignment.marks
    return {
        "suite": suite.folder.name,
        "preload": suite.assignment.preload,
        "notebook": marks.notebook,
        "cells": sorted(marks.cells),
        "functions": sorted(marks.functions),
    }


def check_marked_tests(course: Course, assignment: Assignment) -> int:
    """Check that students can get the tests that are marked public; return their number.

    Raises:
        CourseError: they cannot.
    """
    marked = marked_tests(assignment.suite_folder)
    if marked:
        suites = _suites(course, [assignment])
        files, _ = _files(suites)
        _computed(suites[0], files, known=False)
    return len(marked)


def help_page(text: str, libraries: Collection[str]) -> str:
    """Return the students' page of help, without lines for libraries that they do not need.

    Such a line ends in a comment with the library's name.
    """
    lines = [(line, LIBRARY_OF_LINE.search(line)) for line in text.splitlines(keepends=True)]
    return "".join(
        LIBRARY_OF_LINE.sub("", line)
        for line, library in lines
        if library is None or library[1] in libraries
    )


def _files(suites: Sequence[Suite]) -> tuple[dict[str, bytes], set[str]]:
    """Return the files of the kit that are there already, and the libraries that they import."""
    packages = {"autograder": PACKAGE, **{suite.package: suite.folder for suite in suites}}
    with TemporaryDirectory() as folder:
        for suite in suites:
            for name, tree in suite.marked.items():
                packages[name] = Path(folder, name)
                Path(folder, f"{name}.py").write_text(ast.unparse(tree), encoding="utf-8")
        found = needed([*ROOTS, *(root for suite in suites for root in suite.roots())], packages)
        files = _modules(found, [name for suite in suites for name in suite.marked])
        for suite in suites:
            files |= _more_of(suite, found)
            _refuse_spoilers(suite, files)
    return files, found.others


def _suites(course: Course, assignments: Sequence[Assignment]) -> list[Suite]:
    folders: dict[str, Path] = {}
    chosen = []
    for assignment in assignments:
        if not has_public_tests(assignment.suite_folder):
            continue
        name = assignment.suite_folder.name
        if folders.setdefault(name, assignment.suite_folder) != assignment.suite_folder:
            raise CourseError(
                f"{assignment.suite_folder} and {folders[name]} have the same name: rename one."
            )
        notebook = course.notebook_file(assignment, "release")
        package = f"autograder.suites.{name}"
        if marked_tests(folders[name]):
            collect_suite(assignment)  # which finds wrong marks
        marked = {
            f"{package}.{file.stem}": public_part(file)
            for file in sorted({test.file for test in marked_tests(folders[name])})
        }
        chosen.append(Suite(course, assignment, folders[name], package, notebook, marked))
    if not chosen:
        raise UsageError(
            f"No assignment of {course.file} has public tests: mark some with public=True, or put "
            "them into a folder public/ of its suite."
        )
    return chosen


def _modules(found: Needed, marked: Collection[str]) -> dict[str, bytes]:
    """Return the modules by their paths in the wheel."""
    files = {}
    for name, file in found.files.items():
        if name not in marked:
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
    """Return a suite's other files: support code, data, and the notebook's files."""
    own = [f for name, f in found.files.items() if name.startswith(f"{suite.package}.")]
    files = {
        f"{suite.base}{path.relative_to(suite.folder).as_posix()}": path.read_bytes()
        for path in sorted({*suite.public_files(), *_data(suite.folder, own)})
    }
    given = suite.assignment.given_files.items()
    return files | {f"{suite.base}{GIVEN}/{name}": content for name, content in given}


def _computed(suite: Suite, files: Mapping[str, bytes], *, known: bool) -> dict[str, bytes]:
    """Return what the public tests find out: the reference's answers and, if wanted, mistakes."""
    with TemporaryDirectory() as folder:
        root = Path(folder).resolve()
        (root / "__init__.py").touch()  # a package with a name that no module has yet
        for name, content in files.items():
            if name.startswith(suite.base):
                path = root / suite.folder.name / name.removeprefix(suite.base)
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content)
        given = suite.assignment
        kit = SuiteAssignment(given.name, root / suite.folder.name, given.preload)
        dialogs = try_out(suite.course, given, kit)
        found = {kept_answers.FILE_NAME: kept_answers.as_json(dialogs)} if dialogs else {}
        if known and (text := _signatures(suite, kit, kept_answers.KeptReference(dialogs))):
            found[FILE_NAME] = text
    return {f"{suite.base}{name}": text.encode() for name, text in found.items()}


def _data(folder: Path, modules: Sequence[Path]) -> Iterator[Path]:
    """Yield the files beside a suite's modules that these mention by name."""
    text = "\n".join(module.read_text(encoding="utf-8") for module in modules)
    for path in sorted(folder.iterdir()):
        if path.is_file() and path.suffix != ".py" and names_file(text, path.name):
            yield path


def names_file(code: str, name: str) -> bool:
    """Say whether code has a file's name in quotes."""
    return f'"{name}"' in code or f"'{name}'" in code


def _signatures(suite: Suite, kit: SuiteAssignment, reference: Reference) -> str:
    """Return what the public tests of a kit observe of known mistakes, "" if none are known."""
    solution = SourceNotebook(suite.course, suite.assignment).solution
    explainer = Explainer(
        cast("Assignment", kit),
        PUBLIC_SEED,
        namespace_of,
        run_public_session,
        suite.folder,
        "" if solution is None else solution.code,
        reference,
    )
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
    secret = dict(_solutions(suite))
    if not secret:
        return
    if not suite.notebook.exists():
        raise CourseError(
            f"{suite.notebook} is missing. The students' kit may show only what it shows. Make it "
            "with `autograder release`."
        )
    shown = read_notebook(suite.notebook).cells
    for name, content in files.items():
        if name.startswith(suite.base) and name.endswith(".py"):
            marked = suite.marked.get(name.removesuffix(".py").replace("/", "."))
            for where, solution in secret.items():
                for line, expression in spoilers(marked or content.decode(), solution, shown):
                    raise CourseError(
                        f"{suite.folder / name.removeprefix(suite.base)}, line {line}: "
                        f"`{expression}` is also in {where}, but not in the notebook that students "
                        "get: it would give the solution away. Rewrite or move it, or ask the "
                        "fixture `reference`, whose answers students get as numbers."
                    )


def _solutions(suite: Suite) -> Iterator[tuple[str, list[str]]]:
    """Yield the files with the solution, and the pieces of code in them."""
    own = suite.folder / SOLUTION
    if own.exists():
        yield SOLUTION, [own.read_text(encoding="utf-8")]
    source = SourceNotebook(suite.course, suite.assignment)
    if source.path.exists():
        yield str(source.path), list(course_notebook(source.path).cells)


def spoilers(
    source: str | ast.Module, solution: Iterable[str], shown: Iterable[str]
) -> list[tuple[int, str]]:
    """Return the expressions of a solution that are in a source, with their lines, longest first.

    `solution` are pieces of code; `shown` are the cells of the notebook that students have: what
    these show is no secret.
    """
    secret = {e for piece in solution for e in _expressions(piece)}
    secret -= {e for cell in shown for e in _expressions(cell)}
    found = [(line, text) for text, line in _expressions(source).items() if text in secret]
    return sorted(found, key=lambda one: (one[0], -len(one[1])))


def _expressions(source: str | ast.Module) -> dict[str, int]:
    """Return the larger expressions in code, as Python would write them, with their lines."""
    return {
        ast.unparse(node): node.lineno
        for node in ast.walk(source if isinstance(source, ast.Module) else _parsed(source))
        if isinstance(node, ast.expr) and _size(node) >= LARGE
    }


def _parsed(source: str) -> ast.Module:
    plain = "\n".join(
        "" if line.lstrip().startswith(("%", "!")) else line for line in source.splitlines()
    )
    try:
        return ast.parse(plain)
    except SyntaxError:
        return ast.Module([], [])


def _size(node: ast.AST) -> int:
    parts = (n for n in ast.walk(node) if not isinstance(n, ast.expr_context | ast.operator))
    return sum(1 for _ in parts)
