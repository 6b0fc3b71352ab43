"""Starts the warm process, and has it fork and end the children that run student code."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

from autograder.sandbox.worker import scratch
from autograder.sandbox.worker.confine import forbid_inspection
from autograder.sandbox.worker.limits import Limits

START_SECONDS = 120.0
REPLY_SECONDS = 30.0
MOST_KILLED = 3  # how often a process is started that another process kills each time
MAX_AHEAD = 2  # children that nobody has taken, such as a submission's and a judge's
UNCOUNTED_MEMORY = 1 << 30  # bytes for what a child began with, its files, the kernel's tables
CPUCLOCK_SCHED = 2  # with the complement of a process id above it: the clock of that process

T = TypeVar("T")


class WarmProcessError(RuntimeError):
    """The warm process cannot be started or does not answer: a grader error."""


class ChildKilled(WarmProcessError):
    """Another process has killed a child, as the kernel does where memory is short."""


def despite_kills(action: Callable[[], T]) -> T:
    """Return what an action gives, which begins anew if another process kills a child in it.

    Raises:
        ChildKilled: that happened too often.
    """
    for _ in range(MOST_KILLED - 1):
        with contextlib.suppress(ChildKilled):
            return action()
    return action()


@dataclass(frozen=True)
class Exit:
    """How a child ended.

    Args:
        status: its exit status, negative for a signal.
        cpu: the seconds of processor time that it used.
        memory: its peak memory in bytes.
        out_of_memory: whether the kernel killed it for its memory.
    """

    status: int
    cpu: float
    memory: int
    out_of_memory: bool = False

    def from_outside(self, cpu_limit: float) -> bool:
        """Whether another process killed it: a child cannot send itself SIGKILL."""
        killed = self.status == -signal.SIGKILL
        return killed and self.cpu < 0.9 * cpu_limit and not self.out_of_memory

    def __str__(self) -> str:
        if self.status >= 0:
            return f"it exited with status {self.status}"
        if self.status in {-signal.SIGXCPU, -signal.SIGKILL}:
            return "it was stopped for using too much processor time or memory"
        return f"it crashed ({signal.Signals(-self.status).name})"


@dataclass(frozen=True)
class Child:
    """A running child: its id, the grader's end of the wire, its scratch folder."""

    pid: int
    wire: socket.socket
    folder: str

    @property
    def files(self) -> str:
        """Its scratch folder as it sees it."""
        return scratch.seen_by(self.pid, self.folder)

    @property
    def cpu_seconds(self) -> float:
        """The processor time that it has used, in all its threads.

        Where the system does not tell, or no longer, the time that passes counts instead.
        """
        try:
            return time.clock_gettime(~self.pid << 3 | CPUCLOCK_SCHED)
        except OSError:
            return time.monotonic()

    @property
    def threads(self) -> int:
        """How many threads it has; 0 where the system does not tell."""
        try:
            text = Path(f"/proc/{self.pid}/stat").read_text(encoding="ascii", errors="replace")
        except OSError:
            return 0
        return int(text.rpartition(")")[2].split()[17])


@dataclass(frozen=True)
class Order:
    """What a child should be like: children of equal orders are the same until they get a cell."""

    limits: Limits
    all_of_torch: bool


class WarmProcess:
    """A process that has imported everything once and forks a child per submission.

    It starts at construction and warms up in parallel with the caller; the first `fork` waits.
    It ends when the connection closes, so it never outlives the grader, and removes `folder`.

    With `forks_ahead`, it forks and confines the next child of each kind while the last one works.
    """

    folder: str
    processor: int | None = None  # the one that its children stay on; None for any
    forks_ahead = False
    _process: subprocess.Popen[bytes] | None
    _control: socket.socket
    _failed: dict[str, str]

    def __init__(self, modules: Sequence[str]) -> None:
        self._modules = tuple(modules)
        self._begin_without_children()
        self._launch()

    def _begin_without_children(self) -> None:
        self._children: list[Child] = []  # that were not ended
        self._ahead: dict[Order, Child] = {}  # those of them that nobody has taken
        self._coming: tuple[Order, Child] | None = None  # of which the warm process has yet to tell

    def copy(self) -> "WarmProcess":
        """Return another warm process, which this one forks as soon as it is warm itself.

        It may be used in a process that is forked from this one.
        """
        copy = object.__new__(WarmProcess)
        copy._modules, copy._process, copy._ready = self._modules, None, False
        copy.folder = _make_folder()
        copy._control, theirs = socket.socketpair()
        with theirs:
            self._send({"copy": copy.folder}, [theirs.fileno()])
        self._unread += 1
        copy._unread = 0
        copy._begin_without_children()
        return copy

    @property
    def failed_imports(self) -> dict[str, str]:
        """Why modules could not be imported, by their names; waits until it is warm.

        Raises:
            WarmProcessError: it cannot be started or does not answer.
        """
        if not self._ready:
            self._wait_until_ready()
        return self._failed

    def __enter__(self) -> "WarmProcess":
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def fork(self, limits: Limits, *, all_of_torch: bool = False) -> Child:
        """Fork a child with its own scratch folder.

        With `all_of_torch`, the warm process first imports, once, what `torch.optim` and
        `torch.func` need. A warm process that has ended is restarted.

        Raises:
            WarmProcessError: the warm process cannot be started or does not answer.
        """
        return despite_kills(lambda: self._forked_by_a_living(Order(limits, all_of_torch)))

    def _forked_by_a_living(self, order: Order) -> Child:
        """Return a child; one that was killed, or ended after it had worked, is closed first."""
        if self._control.fileno() < 0:
            self._launch()
        try:
            return self._forked(order)
        except WarmProcessError as error:
            if not self._ready and not self._was_killed():  # it never worked
                raise
            self.close()
            raise ChildKilled(str(error)) from error

    def _was_killed(self) -> bool:
        """Tell whether another process has killed it, as far as is known."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            return self._process is not None and self._process.wait(1) == -signal.SIGKILL
        return False

    def _forked(self, order: Order) -> Child:
        """Return a child that nobody has taken yet, and order the next one if that is wanted."""
        self._wait_until_ready()
        if order not in self._ahead:
            self._order(order)
            self._wait_until_ready()
        child = self._ahead.pop(order)
        if self.forks_ahead:
            self._order(order)
        return child

    def _order(self, order: Order) -> None:
        """Have the warm process fork a child, which is ready when it answers."""
        folder = tempfile.mkdtemp(dir=scratch.root(self.folder))
        ours, theirs = socket.socketpair()
        self._coming = order, Child(0, ours, folder)
        details = {
            "scratch": folder,
            "limits": asdict(order.limits),
            "memory": order.limits.memory + UNCOUNTED_MEMORY,
            "all_of_torch": order.all_of_torch,
            "processor": self.processor,
        }
        with theirs:
            self._send({"fork": details}, [theirs.fileno()])

    def end(self, child: Child) -> Exit:
        """Kill a child and everything it started, remove its folder; return how it had ended."""
        if child not in self._children:  # it ended with an earlier warm process
            return Exit(-signal.SIGKILL, 0.0, 0)
        try:
            return Exit(**self._ask({"end": child.pid}))
        except WarmProcessError:
            # The warm process is gone: end the orphan from here; the next fork starts a new one.
            with contextlib.suppress(OSError):
                os.killpg(child.pid, signal.SIGKILL)
            self.close()
            return Exit(-signal.SIGKILL, 0.0, 0)
        finally:
            self._forget(child)

    def _forget(self, child: Child) -> None:
        with contextlib.suppress(ValueError):  # it ended together with the warm process
            self._children.remove(child)
        child.wire.close()
        scratch.remove(child.folder)

    def close(self) -> None:
        """End the warm process and its children, and remove their folder."""
        self._control.close()
        if self._process is not None:
            try:
                self._process.wait(timeout=5)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        coming = [] if self._coming is None else [self._coming[1]]
        for child in [*self._children, *coming]:
            self._forget(child)
        self._begin_without_children()
        scratch.remove(self.folder)

    def release(self) -> None:
        """Close this process's connection: another process uses the warm process now."""
        self._control.close()

    def _launch(self) -> None:
        forbid_inspection()
        self._ready, self._unread = False, 0
        self.folder = _make_folder()
        self._control, theirs = socket.socketpair()
        with theirs:
            program = (sys.executable, "-s", "-P", "-B", "-m", "autograder.sandbox.worker")
            self._process = subprocess.Popen(
                [*program, str(theirs.fileno()), self.folder, *self._modules],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                cwd="/",
                env=_bare_environment(),
            )

    def _ask(self, message: dict[str, Any], descriptors: Sequence[int] = ()) -> dict[str, Any]:
        self._wait_until_ready()
        self._send(message, descriptors)
        return self._read(REPLY_SECONDS)

    def _wait_until_ready(self) -> None:
        """Read all that the warm process has yet to say: that it is warm, that a child is ready."""
        if not self._ready:
            self._failed = dict(self._read(START_SECONDS)["failed"])
            self._ready = True
        for _ in range(self._unread):
            self._read(REPLY_SECONDS)
        self._unread = 0
        if self._coming is not None:
            pid = int(self._read(REPLY_SECONDS)["pid"])
            (order, child), self._coming = self._coming, None
            self._ahead[order] = replace(child, pid=pid)
            self._children.append(self._ahead[order])
            while len(self._ahead) > MAX_AHEAD:
                self.end(self._ahead.pop(next(iter(self._ahead))))

    def _send(self, message: dict[str, Any], descriptors: Sequence[int] = ()) -> None:
        try:
            line = json.dumps(message).encode() + b"\n"
            self._control.settimeout(REPLY_SECONDS)
            socket.send_fds(self._control, [line], list(descriptors))
        except OSError as error:
            raise WarmProcessError(f"the warm process is gone: {error}") from error

    def _read(self, seconds: float) -> dict[str, Any]:
        """Read one line, and no byte of the next."""
        try:
            self._control.settimeout(seconds)
            data = self._control.recv(1 << 16, socket.MSG_PEEK)
            line = self._control.recv(data.find(b"\n") + 1) if b"\n" in data else b""
        except OSError as error:
            raise WarmProcessError(f"the warm process does not answer: {error}") from error
        if not line:
            raise WarmProcessError(
                f"the process that imports {', '.join(self._modules)} ended unexpectedly; "
                "check that they can be imported in this environment"
            )
        reply = json.loads(line)
        assert isinstance(reply, dict)
        return reply


def _make_folder() -> str:
    """Create the temporary folder of a warm process."""
    folder = os.path.realpath(tempfile.mkdtemp(prefix="autograder-"))
    os.mkdir(scratch.root(folder), 0o700)
    return folder


def _bare_environment() -> dict[str, str]:
    """Return the environment of the warm process, without anything from the grader's."""
    return {
        "PATH": "/usr/bin:/bin",
        "LANG": "C.UTF-8",
        "HOME": tempfile.gettempdir(),
        "PYTHONHASHSEED": "0",
        "MPLCONFIGDIR": str(_cache("matplotlib")),
        "MPLBACKEND": "module://matplotlib_inline.backend_inline",
        "IPYTHONDIR": str(_cache("ipython")),
        # With huge pages a fork copies a tenth of the page table; only malloc asks for them.
        "PYTHONMALLOC": "malloc",
        "GLIBC_TUNABLES": "glibc.malloc.hugetlb=1",
        "JOBLIB_MULTIPROCESSING": "0",  # so that n_jobs=-1 works without processes
        # A parallel operation in a forked child hangs once its parent has run one.
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "MKL_NUM_THREADS": "1",
    }


def _cache(name: str) -> Path:
    """Return a folder that outlives the run, for what is slow to build (the font list)."""
    base = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    folder = Path(base) / "autograder" / name
    with contextlib.suppress(OSError):
        folder.mkdir(parents=True, exist_ok=True)
        return folder
    return Path(tempfile.gettempdir())
