"""Reports what confines student code here, by trying forbidden actions in a real child."""

import contextlib
import os
import platform
import socket
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Any

from autograder.course import Assignment, Course
from autograder.errors import CourseError
from autograder.sandbox import escape_attempts as attempts
from autograder.sandbox.execution_errors import ExecutionError
from autograder.sandbox.student_process import StudentProcess, TimeLimits
from autograder.sandbox.warm_process import WarmProcess, despite_kills
from autograder.sandbox.worker import landlock, scratch
from autograder.sandbox.worker.confine import environment
from autograder.sandbox.worker.limits import Limits

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
"""What student code must not be able to do, by the name of the escape attempt."""


@dataclass(frozen=True)
class IsolationReport:
    """What confines student code here: for each escape attempt, whether it was stopped."""

    stopped: dict[str, bool]

    @property
    def complete(self) -> bool:
        """Whether every attempt was stopped."""
        return all(self.stopped.values())

    @property
    def missing(self) -> list[str]:
        """What student code can do here although it must not be able to."""
        return [FORBIDDEN[name] for name, stopped in self.stopped.items() if not stopped]

    def __str__(self) -> str:
        if self.complete:
            return mechanisms()
        can = ", ".join(self.missing)
        return f"best-effort ({mechanisms()}): student code can {can}; {reason()}"


def mechanisms() -> str:
    """Name the means that this machine offers to confine a process."""
    names = ["separate process", "resource limits", "scratch folder"]
    if version := landlock.version():
        names += [f"Landlock {version}"]
    if sys.platform.startswith("linux"):
        names += ["seccomp"]
    return ", ".join(names)


def reason() -> str:
    """Say why isolation is incomplete, as far as is known."""
    if not sys.platform.startswith("linux"):
        return f"{platform.system()} has no Landlock or seccomp; use Linux"
    if landlock.version() == 0:
        return f"the kernel ({platform.release()}) has no Landlock, which needs Linux 5.13 or later"
    return (
        f"on {platform.machine()} with Landlock {landlock.version()} not everything could be set up"
    )


def isolation_report(course: Course, assignment: Assignment, warm: WarmProcess) -> IsolationReport:
    """Return how an assignment's submissions are isolated; each warm process is probed once.

    Raises:
        CourseError: course.yml requires more isolation than there is.
        WarmProcessError: there is no child to probe.
    """
    report = probe(warm, secrets(course, assignment))
    if refuses(course, report):
        raise CourseError(
            f"{course.where('isolation')}: required, but student code could "
            f"{', '.join(report.missing)}: {reason()}. Set it to best-effort to grade anyway."
        )
    return report


def refuses(course: Course, report: IsolationReport) -> bool:
    """Whether a course refuses to grade with what is missing.

    On platforms other than Linux, best-effort is all there is, and every record says so.
    """
    linux = sys.platform.startswith("linux")
    return linux and course.isolation == "required" and not report.complete


def secrets(course: Course, assignment: Assignment) -> tuple[Path, ...]:
    """Return files that student code must not read."""
    tests = sorted(assignment.suite_folder.glob("test_*.py"))[:1]
    files = course.file, course.notebook_file(assignment), *tests
    return tuple(file for file in files if file.exists())


@cache
def probe(warm: WarmProcess, secrets: tuple[Path, ...] = ()) -> IsolationReport:
    """Make every escape attempt in a child; `secrets` are files that it must not read.

    Raises:
        WarmProcessError: there is no child to probe.
    """
    return despite_kills(partial(_probed, warm, secrets))


def _probed(warm: WarmProcess, secrets: tuple[Path, ...]) -> IsolationReport:
    process = StudentProcess(warm, (), LIMITS, SECONDS, of_course=True)
    source = Path(attempts.__file__).read_text(encoding="utf-8")
    try:
        # Other children have their files in folders beside that one.
        with _targets(Path(scratch.root(warm.folder), "probe"), secrets) as targets:
            module = process.request("load", source, "attempts.py")
            function = process.request("get", module, "attempt_all")
            stopped = process.request("call", function, [targets], {})
    except ExecutionError as error:
        raise RuntimeError(f"isolation could not be tested: {error}") from error
    finally:
        process.close()
    return IsolationReport({name: stopped.get(name) is True for name in FORBIDDEN})


@contextmanager
def _targets(folder: Path, secrets: tuple[Path, ...]) -> Iterator[dict[str, Any]]:
    """Set up what the attempts would reach if nothing stopped them."""
    with ExitStack() as stack:
        folder.mkdir()
        stack.callback(scratch.remove, str(folder))
        (folder / "secret").write_text("secret", encoding="utf-8")
        tcp, unix, abstract = (
            stack.enter_context(socket.socket(family))
            for family in (socket.AF_INET, socket.AF_UNIX, socket.AF_UNIX)
        )
        datagrams = stack.enter_context(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM))
        tcp.bind(("127.0.0.1", 0))
        name = f"\0autograder-probe-{os.getpid()}"
        tcp.listen()
        for listener, address in ((unix, str(folder / "socket")), (abstract, name)):
            with contextlib.suppress(OSError):  # the path is too long, or this is not Linux
                listener.bind(address)
                listener.listen()
        with contextlib.suppress(OSError):
            datagrams.bind(str(folder / "datagrams"))
        yield {
            "secrets": [str(path) for path in (folder / "secret", *secrets)],
            "environment": list(environment("")),
            "pid": os.getpid(),
            "tcp": tcp.getsockname()[1],
            "unix": str(folder / "socket"),
            "datagrams": str(folder / "datagrams"),
            "abstract": name,
            "memory": LIMITS.memory,
        }
