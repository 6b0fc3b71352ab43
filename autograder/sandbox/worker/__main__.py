"""The warm process: imports what submissions need once, then forks a child for each of them.

It starts by exec with a bare environment, so that its memory, which every child can read, never
held a secret. The grader sends it lines of JSON over a socket:

    {"fork": {"scratch": ..., "limits": {...}, "all_of_torch": ...}}  ->  {"pid": ...}
    {"end": pid}                                                      ->  {"status": ..., ...}
    {"copy": folder}                                                  ->  {"pid": ...}

"fork" and "copy" come with a descriptor: the wire of the child, the socket of the copy. The answer
to "fork" comes when the child has confined itself and has its folder.

There are few children at a time: a submission's, and those of the reference solution. "end" kills
one and everything it started. A copy serves another grader, over the descriptor. When its grader
is gone, the warm process removes its temporary folder, which holds its children's scratch folders,
and ends.
"""

import contextlib
import ctypes
import gc
import importlib
import json
import os
import signal
import socket
import sys
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from autograder.sandbox.worker import child, scratch
from autograder.sandbox.worker.confine import end_with_parent, forbid_inspection, readable
from autograder.sandbox.worker.figure_facts import Album
from autograder.sandbox.worker.limits import Limits
from autograder.sandbox.worker.memory_group import MemoryGroup, limit_memory
from autograder.sandbox.worker.one_process import stay_in_one_process
from autograder.sandbox.worker.shell import Shell, build_shell

PR_SET_CHILD_SUBREAPER = 36
FIGURE = """
__import__("matplotlib.pyplot").pyplot.semilogy([1e-3, 1e3], ".-", label="0123456789")
__import__("matplotlib.pyplot").pyplot.legend();
"""
MAX_REASON = 300  # characters that say why a module cannot be imported


def main(fd: int, folder: str, modules: list[str]) -> None:
    """Warm up, then serve until the grader closes the connection."""
    forbid_inspection()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the grader's to handle
    gc.disable()  # imports leave no garbage, and collecting takes long
    control = socket.socket(fileno=fd)
    failed = import_all(modules)
    shell = warm_up()
    while (copy := serve(shell, control, folder, failed)) is not None:
        control.close()
        copy_fd, folder = copy
        control = socket.socket(fileno=copy_fd)
    scratch.remove(folder)
    os._exit(0)  # skips the interpreter's own cleaning up, which takes long


def serve(
    shell: Shell, control: socket.socket, folder: str, failed: dict[str, str]
) -> tuple[int, str] | None:
    """Serve one grader until it closes the connection, then return None.

    It is told first which modules could not be imported.

    In a copy, return at once: the descriptor of its own grader's socket, and its folder.
    """
    _adopt_orphans()
    paths = [*readable()]
    groups, copies = dict[int, MemoryGroup | None](), set[int]()  # those of the children
    control.sendall(json.dumps({"failed": failed}).encode() + b"\n")
    try:
        while request := _read_line(control):
            message, descriptors = request
            reply: dict[str, Any]
            if "copy" in message:
                copy = os.fork()
                if copy == 0:
                    groups.clear()  # the children belong to the original
                    return descriptors[0], message["copy"]
                os.close(descriptors[0])
                copies.add(copy)
                reply = {"pid": copy}
            elif "fork" in message:
                pid, group = fork(shell, control, descriptors[0], paths, message["fork"])
                groups[pid], reply = group, {"pid": pid}
            else:
                group = groups.pop(message["end"])
                reply = end(message["end"], group, groups.keys() | copies)
            control.sendall(json.dumps(reply).encode() + b"\n")
    finally:
        while groups:
            end(*groups.popitem(), groups.keys() | copies)
    return None


def import_all(modules: list[str]) -> dict[str, str]:
    """Import modules; return why some could not be imported, by their names."""
    failed = {}
    for name in modules:
        try:
            importlib.import_module(name)
        except Exception as error:
            failed[name] = f"{type(error).__name__}: {error}"[:MAX_REASON]
    return failed


def warm_up() -> Shell:
    """Do what is slow the first time and build the shell, so that children have little to do."""
    if "numpy" in sys.modules:
        importlib.import_module("numpy.testing")  # `np.testing` does so in each child
    if "torch" in sys.modules:
        _warm_up_torch()
    if "sklearn.datasets" in sys.modules:
        datasets = sys.modules["sklearn.datasets"]
        datasets.make_regression(n_samples=2, coef=True)
        datasets.load_iris()  # imports what reads the files of data sets
    shell = build_shell()
    stay_in_one_process()
    _warm_up_shell(shell)
    child.seed_everything()
    gc.freeze()  # collecting in a child would touch, and so copy, all of this memory
    gc.enable()
    return shell


def _warm_up_torch() -> None:
    """Do what is slow only the first time."""
    import torch

    # Each `manual_seed` would format the stack three times, for devices that are not there.
    for device in ("cuda", "xpu", "mtia"):
        if module := sys.modules.get(f"torch.{device}"):
            vars(module)["traceback"] = SimpleNamespace(format_stack=list)
    torch.set_num_threads(1)
    weight = torch.zeros(1, requires_grad=True)
    repr(weight)
    (weight * 2).sum().backward()


@cache
def _warm_up_all_of_torch() -> None:
    """Take an optimizer step; the first one imports modules for a second, so only on request."""
    if "torch" in sys.modules:
        import torch

        weight = torch.zeros(1, requires_grad=True)
        weight.sum().backward()
        torch.optim.SGD([weight], lr=0.1).step()
        gc.freeze()


def _warm_up_shell(shell: Shell) -> None:
    """Raise an error, show a value and draw a figure: the first of each takes long."""
    shell.run_cell("1 / 0", store_history=False)
    assert shell.display_formatter is not None
    shell.display_formatter.format([1])
    if "matplotlib" in sys.modules:
        from autograder.sandbox.worker.cheap_figures import spare_work

        spare_work()
        shell.run_cell(FIGURE, store_history=False)
        shell.collector.finish()
        shell.collector.pictures()
        shell.collector.album = Album()
    shell.collector.start()
    shell.collector.size = 0


def _adopt_orphans() -> None:
    """Become the parent of the processes that a child leaves behind, to kill those too."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def _read_line(control: socket.socket) -> tuple[dict[str, Any], list[int]] | None:
    data, descriptors, _, _ = socket.recv_fds(control, 1 << 16, 4)
    while data and not data.endswith(b"\n"):
        data += control.recv(1 << 16)
    return (json.loads(data), descriptors) if data else None


def fork(
    shell: Shell, control: socket.socket, fd: int, paths: list[Path], order: dict[str, Any]
) -> tuple[int, MemoryGroup | None]:
    """Fork a child that serves the descriptor; return its id and group when it is ready."""
    if order["all_of_torch"]:
        _warm_up_all_of_torch()
    begun, begins = os.pipe()  # the child closes it together with all that it inherits
    warm, pid = os.getpid(), os.fork()
    if pid == 0:
        try:
            end_with_parent(warm)
            control.close()
            if order["processor"] is not None:
                os.sched_setaffinity(0, {order["processor"]})
            child.main(shell, fd, order["scratch"], Limits(**order["limits"]), paths)
        finally:
            os._exit(1)
    group = limit_memory(pid, order["memory"])  # which takes as long as the child needs
    os.close(begins)
    os.read(begun, 1)
    os.close(begun)
    os.close(fd)
    return pid, group


def end(pid: int, group: MemoryGroup | None, others: set[int]) -> dict[str, Any]:
    """Kill a child and everything it started; return how it ended and what it used.

    `others` are the other processes that the warm process has forked.
    """
    for kill in (os.killpg, os.kill):
        with contextlib.suppress(ProcessLookupError):
            kill(pid, signal.SIGKILL)
    _, status, usage = os.wait4(pid, 0)
    while orphans := _children() - others:
        for orphan in orphans:
            with contextlib.suppress(ProcessLookupError, ChildProcessError):
                os.kill(orphan, signal.SIGKILL)
                os.waitpid(orphan, 0)
    out_of_memory = group is not None and group.kills > 0
    if group is not None:
        group.remove()
    return {
        "status": os.waitstatus_to_exitcode(status),
        "cpu": usage.ru_utime + usage.ru_stime,
        "memory": usage.ru_maxrss * 1024,
        "out_of_memory": out_of_memory,
    }


def _children() -> set[int]:
    """Return the process ids of this process's children."""
    try:
        with open(f"/proc/self/task/{os.getpid()}/children") as listing:
            return {int(pid) for pid in listing.read().split()}
    except OSError:
        return set()


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2], sys.argv[3:])
