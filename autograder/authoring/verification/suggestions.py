"""Proposes tests that catch a wrong answer which keeps all points, and tries them out."""

import re
import shutil
import tempfile
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from autograder.authoring.verification.advice import Survivor, lines
from autograder.authoring.verification.as_code import Code, Unwritable, as_code
from autograder.authoring.verification.scripts import seed_text
from autograder.course import Assignment
from autograder.errors import CourseError
from autograder.grading.reference import Reference
from autograder.grading.session import Attempt, TestSession
from autograder.grading.suite_run import run_session
from autograder.sandbox.warm_process import WarmProcess
from autograder.submission import Submission

FILE = "test_suggested.py"
SEEDS = 3  # besides the course's own, with which a test that draws its inputs must tell
IMPORTS = {
    "pd": "import pandas as pd",
    "Path": "from pathlib import Path",
    "seeded": "from autograder.testing.torch import seeded",
    "torch": "from autograder.testing import torch",
    "sklearn": "from autograder.testing import sklearn",
}


class Suggestions:
    """Proposes tests for one assignment.

    Args:
        assignment: the assignment.
        seed: the course's seed.
        warm: the process that forks a child for each run.
        code: the code of the reference solution.
        reference: what answers for it.
    """

    def __init__(
        self,
        assignment: Assignment,
        seed: str,
        warm: WarmProcess,
        code: str,
        reference: Reference | None,
    ) -> None:
        self._assignment, self._seed, self._warm = assignment, seed, warm
        self._code, self._reference = code, reference
        self._names = set[str]()

    def suggestion(self, found: Survivor, mutant: str) -> str:
        """Return a test that the reference passes and the mutant fails, "" if none is found."""
        dialog = found.evidence.dialog.until(found.evidence.turn)
        write = partial(as_code, dialog, self._code, self._assignment.suite_folder)
        for drawn, seeds in ((True, range(SEEDS + 1)), (False, range(1))):
            try:
                code = write(drawn=drawn)
            except Unwritable:
                continue
            draws = any("rng." in line for line in code.inputs)
            if drawn and (not draws or self._reference is None):
                continue
            code.expected = found.code.expected if found.code is not None else ""
            name = self._name(found)
            test = _test(found, code, name)
            file = "\n".join([*_imports(code), "", "", test, ""])
            if all(self._tells(file, mutant, seed) for seed in seeds):
                self._names.add(name)
                return test
        return ""

    def _name(self, found: Survivor) -> str:
        """Return a name that no test has."""
        text = "".join(
            path.read_text("utf-8") for path in self._assignment.suite_folder.rglob("test_*.py")
        )
        words = re.findall(
            r"[a-z]+", f"{found.called.partition('(')[0]} {found.evidence.edge.what}"
        )
        base = name = "_".join(["test", *words])[:50]
        number = 2
        while re.search(rf"def {name}\b", text) or name in self._names:
            name, number = f"{base}_{number}", number + 1
        return name

    def _tells(self, file: str, mutant: str, seed: int) -> bool:
        """Run a file of tests on the reference and a mutant; say whether it tells them apart."""
        with tempfile.TemporaryDirectory(prefix="autograder-suggestion-") as folder:
            suite = Path(folder, self._assignment.suite_folder.name)
            shutil.copytree(self._assignment.suite_folder, suite)
            path = suite / FILE
            path.write_text(file, encoding="utf-8")
            outcomes = self._outcomes(suite, path, (self._code, mutant), seed)
        return outcomes == [["passed"], ["failed"]]

    def _outcomes(
        self, suite: Path, path: Path, sources: Sequence[str], seed: int
    ) -> list[list[str]]:
        """Return the outcomes of the tests in a file for each solution."""
        assignment = self._assignment.model_copy()
        assignment._suite_folder = suite
        attempts = [
            Attempt(Submission(str(number), path), (source,))
            for number, source in enumerate(sources)
        ]
        text = seed_text(self._seed, seed)
        session = TestSession(assignment, attempts, text, self._warm, reference=self._reference)
        try:
            run_session(session, tests=[str(path)])
        except CourseError:
            return []
        return [[result.outcome for result in attempt.results] for attempt in attempts]


def _imports(code: Code) -> list[str]:
    modules = [IMPORTS[name] for name in sorted(code.modules)]
    return [
        *(line for line in modules if "autograder" not in line),
        "import numpy as np",
        "",
        "from autograder.testing import assert_close, task",
        *(line for line in modules if "autograder" in line),
    ]


def _test(found: Survivor, code: Code, name: str) -> str:
    """Return a complete test."""
    fixtures = "student, reference"
    if any("rng." in line for line in code.inputs):
        fixtures += ", rng"
    what = f" for {found.evidence.edge.what}" if found.evidence.edge.what else ""
    return "\n".join(
        [
            f'@task("{found.evidence.dialog.task}", points=1)',
            f"def {name}({fixtures}):",
            f'    """{found.called} is right{what}."""',
            *(f"    {line}" for line in lines(code)),
        ]
    )
