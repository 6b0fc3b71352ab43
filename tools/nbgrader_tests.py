"""Runs nbgrader's own tests of autograding and feedback, without and with the kit.

python tools/nbgrader_tests.py

The tests are in nbgrader's wheel. With the kit, each course adopts `ps1` before it is autograded,
as docs/instructor/adopt.md says, with its own test cells. A test that passes only without the kit
must be in the table of docs/maintainer/nbgrader-tests.md, with the reason.

pytest loads this module as a plugin too, to adopt the kit.
"""

import os
import re
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ET
from pathlib import Path

from nbgrader import tests as own_tests

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
    done = subprocess.run([str(BIN / "autograder"), "adopt", "ps1"], check=False)
    if done.returncode != 0:  # no cell with tests: the kit grades only another assignment
        root, settings = nbgrader_settings()
        (root / "course.yml").write_text(ELSEWHERE.format_map(settings))
    with config.open("a") as file:
        file.write(CONFIGURED)


if __name__ == "__main__":
    sys.exit(main())
