"""Finds out what confines student code here, by trying in a real child what it must not do."""

from __future__ import annotations

import contextlib
import os
import platform
import socket
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from autograder.course import Assignment, Course
from autograder.errors import CourseError
from autograder.sandbox import escape_attempts as attempts
from autograder.sandbox.execution_errors import ExecutionError
from autograder.sandbox.student_process import StudentProcess, TimeLimits
from autograder.sandbox.warm_process import WarmProcess
from autograder.sandbox.worker import landlock, scratch
from autograder.sandbox.worker.confine import environment
from autograder.sandbox.worker.limits import Limits
from autograder.sandbox.worker.wire import Ref

SECONDS = TimeLimits(notebook=30.0, cell=30.0, request=30.0)
LIMITS = Limits(memory=256 << 20, cpu=30, file_size=1 << 20, output=1 << 20)

FORBIDDEN = {
    "read_files": "read files of the course, the grader or the user",
    "write_files": "write, remove or lock files outside its scratch folder",
    "see_secrets": "see the grader's environment or open files",
    "read_memory": "read the memory of other processes",
    "reach_network": "reach the network or a local socket",
    "start_processes": "start processes",
    "signal_others": "signal or slow down other processes",
    "leave_objects": "leave shared memory behind",
    "gain_rights": "keep or gain privileges",
    "use_memory": "use more memory than allowed",
}
"""What student code must not be able to do, by the name of the attempt."""


@dataclass(frozen=True)
class IsolationReport:
    """What holds student code here: for each thing it must not do, whether it was stopped."""

    stopped: dict[str, bool]

    @property
    def complete(self) -> bool:
        """Whether everything was stopped."""
        return all(self.stopped.values())

    @property
    def missing(self) -> list[str]:
        """What student code can do here although it must not."""
        return [FORBIDDEN[name] for name, stopped in self.stopped.items() if not stopped]

    def __str__(self) -> str:
        if self.complete:
            return mechanisms()
        can = ", ".join(self.missing)
        return f"best-effort ({mechanisms()}): student code can {can}; {reason()}"


def mechanisms() -> str:
    """Name what this machine offers to confine a process."""
    names = ["separate process", "resource limits", "scratch folder"]
    if version := landlock.version():
        names += [f"Landlock {version}"]
    if sys.platform.startswith("linux"):
        names += ["seccomp"]
    return ", ".join(names)


def reason() -> str:
    """Say why confinement is not complete, as far as is known."""
    if not sys.platform.startswith("linux"):
        return f"{platform.system()} has nothing like Landlock and seccomp; use Linux"
    if landlock.version() == 0:
        return f"the kernel ({platform.release()}) offers no Landlock; it takes Linux 5.13 or later"
    return f"on {platform.machine()} with Landlock {landlock.version()} not all could be set up"


def isolation_report(course: Course, assignment: Assignment, warm: WarmProcess) -> IsolationReport:
    """Return what holds for the submissions of an assignment; it is tried once a warm process.

    Other platforms than Linux are always graded on as best they can be.

    Raises:
        CourseError: course.yml demands more than holds.
        WarmProcessError: there is no child to try it in.
    """
    report = probe(warm, secrets(course, assignment))
    if refuses(course, report):
        raise CourseError(
            f"{course.where('isolation')}: required, but student code could "
            f"{', '.join(report.missing)}: {reason()}. Write best-effort to grade nevertheless."
        )
    return report


def refuses(course: Course, report: IsolationReport) -> bool:
    """Whether a course is not graded for what is missing.

    Elsewhere than on Linux best-effort is all there is, and every record says so.
    """
    linux = sys.platform.startswith("linux")
    return linux and course.isolation == "required" and not report.complete


def secrets(course: Course, assignment: Assignment) -> tuple[Path, ...]:
    """Return files that student code must not read."""
    return course.file, next(assignment.suite_folder.glob("test_*.py"))


@cache
def probe(warm: WarmProcess, secrets: tuple[Path, ...] = ()) -> IsolationReport:
    """Try everything in a child; `secrets` are files that it must not read.

    Raises:
        WarmProcessError: there is no child to try it in.
    """
    run = StudentProcess(warm, (), LIMITS, SECONDS)
    source = Path(attempts.__file__).read_text(encoding="utf-8")
    try:
        with _targets(Path(warm.folder, "probe"), secrets) as targets:
            module = run.request("load", source, "attempts.py")
            function = run.request("get", module, "attempt_all")
            works = run.request("get", module, "write_in_scratch")
            assert isinstance(function, Ref)
            assert isinstance(works, Ref)
            stopped = run.request("call", function, [targets], {})
            if run.request("call", works, [], {}) is not True:
                raise RuntimeError("a child cannot write in its own scratch folder")
    except ExecutionError as failure:
        raise RuntimeError(f"the confinement could not be tried out: {failure}") from failure
    finally:
        run.close()
    return IsolationReport({name: stopped.get(name) is True for name in FORBIDDEN})


@contextmanager
def _targets(folder: Path, secrets: tuple[Path, ...]) -> Iterator[dict[str, Any]]:
    """Set up what an attempt would reach if nothing stopped it."""
    with ExitStack() as stack:
        folder.mkdir()
        stack.callback(scratch.remove, str(folder))
        (folder / "secret").write_text("secret", encoding="utf-8")
        tcp, unix, abstract = (
            stack.enter_context(socket.socket(family))
            for family in (socket.AF_INET, socket.AF_UNIX, socket.AF_UNIX)
        )
        tcp.bind(("127.0.0.1", 0))
        name = f"\0autograder-probe-{os.getpid()}"
        tcp.listen()
        for listener, address in ((unix, str(folder / "socket")), (abstract, name)):
            with contextlib.suppress(OSError):  # the path is too long, or this is not Linux
                listener.bind(address)
                listener.listen()
        yield {
            "secrets": [str(path) for path in (folder / "secret", *secrets)],
            "environment": list(environment("")),
            "pid": os.getpid(),
            "tcp": tcp.getsockname()[1],
            "unix": str(folder / "socket"),
            "abstract": name,
            "memory": LIMITS.memory,
        }
