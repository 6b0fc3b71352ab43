"""A module to preload that cannot be imported is said before anything is graded."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.course import load_course
from autograder.errors import CourseError
from autograder.grading.pool import grading
from autograder.grading.preload import require_preload
from autograder.sandbox.isolation_report import LIMITS, SECONDS
from autograder.sandbox.student_process import StudentProcess
from autograder.sandbox.warm_process import WarmProcess
from autograder.sandbox.worker.wire import Tensor
from autograder.submission import Submission
from tests.tiny import MINIMAL, RIGHT, make_course, submit


def test_a_missing_module_is_named_with_its_line(tmp_path: Path) -> None:
    make_course(tmp_path)
    path = submit(tmp_path, "ada", RIGHT)
    (tmp_path / "course.yml").write_text(MINIMAL + "    preload:\n      - json\n      - torhc\n")
    course = load_course(tmp_path / "course.yml")
    words = (
        r"line 9: assignments\.double\.preload\.1: torhc cannot be imported here \(ModuleNotFound"
    )
    with (
        pytest.raises(CourseError, match=words),
        grading([Submission("ada", path)], course, course.assignment(None), 1) as results,
    ):
        next(results)


def test_of_the_default_list_modules_may_be_missing(tmp_path: Path) -> None:
    make_course(tmp_path)
    (tmp_path / "course.yml").write_text(MINIMAL)
    course = load_course(tmp_path / "course.yml")
    with WarmProcess(["torhc", "json"]) as warm, warm.copy() as copy:
        assert list(warm.failed_imports) == list(copy.failed_imports) == ["torhc"]
        require_preload(course, course.assignment(None), warm)


def test_nothing_is_imported_for_a_course_that_does_without() -> None:
    code = "def loaded(x):\n    import sys\n    return [x, 'torch' in sys.modules]"
    with WarmProcess(["numpy"]) as warm:
        run = StudentProcess(warm, [code], LIMITS, SECONDS)
        run.execute()
        function = run.request("get", None, "loaded")
        array = Tensor("numpy", "float64", (1,), bytes(8))
        assert run.request("call", function, [array], {}) == [array, False]
        run.close()
