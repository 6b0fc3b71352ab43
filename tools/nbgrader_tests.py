"""Runs nbgrader's own tests of autograding and feedback, without and with the kit.

python tools/nbgrader_tests.py

The tests are in nbgrader's wheel. With the kit, each course adopts `ps1` before it is autograded,
as docs/instructor/adopt.md says, with a suite made of its test cells. A test that passes only
without the kit must be in the table of docs/maintainer/nbgrader-tests.md, with the reason.

pytest loads this module as a plugin too, to adopt the kit.
"""

import os
import re
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ET
from pathlib import Path

import yaml
from nbgrader import tests as own_tests
from nbgrader.api import Gradebook

from autograder.authoring.adoption import nbgrader_settings

HERE = Path(__file__).resolve()
DOCUMENT = HERE.parent.parent / "docs/maintainer/nbgrader-tests.md"
BIN = Path(sys.executable).parent
MODULES = [
    f"nbgrader.tests.apps.test_nbgrader_{name}" for name in ("autograde", "generate_feedback")
]
CONFIGURED = "\nfrom autograder.nbgrader import configure\nconfigure(get_config(), __file__)\n"

# A course in which the kit grades another assignment.
ELSEWHERE = """course: course
seed: {seed}
gradebook: {gradebook}
folders: {folders}
assignments:
  other: {{notebook: other, suite: linear_regression, tasks: [{{name: x, points: 1, tests: x}}]}}
"""

SUITE = '''
import builtins
from pathlib import Path

import pytest

from autograder.testing import Remote, StudentError, SuiteError

CELLS = {cells!r}
SUPPORT = Path(__file__).with_name("support") / "names.py"


class Names(dict):
    """The names of a test cell: its own, and the student's."""

    def __init__(self, student):
        super().__init__()
        self.theirs = student.load(SUPPORT)

    def __missing__(self, name):
        if hasattr(builtins, name):
            raise KeyError(name)
        if not self.theirs.has(name):
            raise NameError(name)
        found = self.theirs.value(name)
        is_function = isinstance(found, Remote) and found._ref.callable
        return with_own_errors(found) if is_function else found

    def __delitem__(self, name):
        if name in self:
            super().__delitem__(name)
        else:
            self.theirs.delete(name)


def with_own_errors(function):
    """Return a function that raises errors as the student's raises them."""

    def call(*args):
        try:
            return function(*args)
        except StudentError as error:
            raise getattr(builtins, error.type, RuntimeError)(error.message) from None

    return call


def run(cell, student):
    names = Names(student)
    try:
        exec(CELLS[cell], names)
    except SuiteError:
        raise
    except Exception as error:
        raise AssertionError(f"{{type(error).__name__}}: {{error}}") from None
'''

TEST = """

@pytest.mark.task({task!r}, points={points!r})
def test_{number}(student):
    run({cell!r}, student)
"""

SUPPORT = """
from IPython import get_ipython


def has(name):
    return name in get_ipython().user_ns


def value(name):
    return get_ipython().user_ns[name]


def delete(name):
    del get_ipython().user_ns[name]
"""


def main() -> int:
    """Run the tests twice and compare; return the exit status."""
    stock, adopted = run(), run("-p", HERE.stem)
    expected = documented(DOCUMENT.read_text(encoding="utf-8"))
    lost = stock - adopted
    print(f"passed without the kit: {len(stock)}; with it: {len(adopted)}")
    for name in sorted(lost - expected):
        print(f"{name} passes only without the kit. Fix that, or give the reason in {DOCUMENT}.")
    for name in sorted(expected - lost):
        print(f"{name} is in {DOCUMENT}, but does not fail because of the kit. Remove it there.")
    return int(lost != expected or not stock)


def run(*options: str) -> set[str]:
    """Run the tests; return the names of those that pass."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder, "report.xml")
        command = [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "-p",
            "no:cacheprovider",
            "-c",
            "/dev/null",
        ]
        command += [f"--rootdir={folder}", f"--junit-xml={report}", *options, "--pyargs", *MODULES]
        path = f"{BIN}{os.pathsep}{os.environ['PATH']}"  # nbgrader calls alembic by name
        subprocess.run(command, cwd=HERE.parent, env=os.environ | {"PATH": path}, check=False)
        cases = ET.parse(report).iter("testcase")  # noqa: S314 (we wrote it)
        passed = [case.attrib for case in cases if case.find("*") is None]
        return {f"{case['classname'].rpartition('.')[2]}::{case['name']}" for case in passed}


def documented(page: str) -> set[str]:
    """Return the tests in the table of a page."""
    return set(re.findall(r"^\| `(\w+::\S+)` \|", page, re.MULTILINE))


def pytest_configure() -> None:
    """Let nbgrader's tests adopt the kit before they autograde."""
    original = own_tests.run_nbgrader

    def run_nbgrader(
        args: list[str], retcode: int = 0, env: dict[str, str] | None = None, stdout: bool = False
    ) -> str:
        if args[0] != "autograde":
            return str(original(args, retcode, env, stdout))
        if "ps1" in args:
            adopt(args)
        done = subprocess.run(
            [str(BIN / "nbgrader"), *args], env=env, text=True, check=False,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
        print(done.stdout)
        assert done.returncode == retcode
        return done.stdout

    own_tests.run_nbgrader = run_nbgrader


def adopt(args: list[str]) -> None:
    """Adopt `ps1` in the course that is configured in the current folder, unless it has been."""
    config = Path("nbgrader_config.py")
    if CONFIGURED in config.read_text():
        return
    if "--db" in args:
        with config.open("a") as file:
            file.write(f"\nc.CourseDirectory.db_url = {args[args.index('--db') + 1]!r}\n")
    done = subprocess.run(
        [str(BIN / "autograder"), "adopt", "ps1", "--notebook", "p1"], capture_output=True,
        text=True, check=False,
    )  # fmt: skip
    root, settings = nbgrader_settings()
    gradebook = settings["gradebook"].replace(
        "sqlite:///gradebook.db", f"sqlite:///{root}/gradebook.db"
    )
    if done.returncode == 0:
        write_suite(root / "suites" / "ps1", gradebook)
    else:  # no cell with tests: the kit grades only another assignment of the course
        (root / "course.yml").write_text(ELSEWHERE.format_map(settings))
    with config.open("a") as file:
        file.write(CONFIGURED)


def write_suite(folder: Path, gradebook: str) -> None:
    """Write a suite of the test cells, with their hidden tests, as nbgrader has stored them."""
    with Gradebook(gradebook) as stored:
        cells = {cell.name: cell.source for cell in stored.find_notebook("p1", "ps1").source_cells}
    course = yaml.safe_load((folder.parent.parent / "course.yml").read_text())
    tasks = course["assignments"]["ps1"]["tasks"]
    (folder / "support").mkdir(parents=True)
    (folder / "support" / "names.py").write_text(SUPPORT)
    (folder / "__init__.py").touch()
    tests = (
        TEST.format(number=number, cell=task["tests"], task=task["name"], points=task["points"])
        for number, task in enumerate(tasks)
    )
    text = SUITE.format(cells={task["tests"]: cells[task["tests"]] for task in tasks})
    (folder / "test_cells.py").write_text(text + "".join(tests))


if __name__ == "__main__":
    sys.exit(main())
