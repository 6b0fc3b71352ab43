"""Runs in this process what libraries would start other processes for, which seccomp refuses.

A data loader loads where it is iterated over. Pools, executors and processes run in threads: the
workers of a pool in a single one, so that random numbers are drawn in the same order every time.
joblib runs jobs in turn. Semaphores and shared values live in this process's memory, not in
/dev/shm. A line in the outputs of the first cell that uses one of these says so.
"""

import _multiprocessing  # type: ignore[import-not-found]
import concurrent.futures.process
import copy
import ctypes
import multiprocessing.dummy
import multiprocessing.heap
import multiprocessing.managers
import os
import sys
import threading
import traceback
from collections.abc import Iterator
from functools import cache
from multiprocessing import connection, context, popen_fork, util
from multiprocessing import pool as pools
from multiprocessing.reduction import ForkingPickler
from typing import Any

from autograder.sandbox.worker.shell import Shell

LOADING = "data loading runs in one process while grading"
JOBS = "parallel jobs run one after the other while grading"
PROCESSES = "processes run as threads of one process while grading"
SEMAPHORE_SIZE = 64  # more than `sem_t` takes

Replacement = tuple[Any, str, Any]
"""An object, the name of an attribute, its new value."""


def stay_in_one_process() -> None:
    """Replace what starts processes in the libraries that are loaded."""
    replacements = [*_processes(), *_pools()]
    if sys.platform == "linux":
        replacements.append((_multiprocessing, "SemLock", SemLock))
    if "joblib" in sys.modules:
        replacements += _jobs()
    if "PIL.Image" in sys.modules:
        replacements += _pictures()
    if "torch" in sys.modules:
        replacements += _torch()
    for owner, name, value in replacements:
        setattr(owner, name, value)


@cache
def _say(sentence: str) -> None:
    """Tell the student, the first time."""
    Shell.instance().collector.stream("stdout", f"[{sentence}]\n")


class Popen(popen_fork.Popen):
    """What `multiprocessing.Process` starts: a thread."""

    def _launch(self, process: Any) -> None:
        _say(PROCESSES)
        self.pid = os.getpid()
        self.sentinel, self._writer = os.pipe()
        self.finalizer = util.Finalize(self, os.close, (self.sentinel,))
        self._ending = threading.Lock()
        self._thread = threading.Thread(target=self._run, args=(process,), daemon=True)
        self._thread.start()

    def _run(self, process: Any) -> None:
        status = 1
        try:
            process.run()
            status = 0
        except SystemExit as end:
            status = end.code if isinstance(end.code, int) else int(end.code is not None)
        except BaseException:
            traceback.print_exc()
        finally:
            self._end(status)

    def _end(self, status: int) -> None:
        with self._ending:
            if self.returncode is None:
                self.returncode = status
                os.close(self._writer)

    def poll(self, flag: int = os.WNOHANG) -> int | None:
        """Return the exit status, None while it runs; without WNOHANG, wait for it."""
        if self.returncode is None and not flag & os.WNOHANG:
            connection.wait([self.sentinel])
        return self.returncode

    def _send_signal(self, sig: int) -> None:
        """End the thread as soon as it is in Python code; whoever waits for it goes on now."""
        self._end(-sig)
        thread = ctypes.c_ulong(self._thread.ident or 0)
        ctypes.pythonapi.PyThreadState_SetAsyncExc(thread, ctypes.py_object(SystemExit))


class Executor(concurrent.futures.ThreadPoolExecutor):
    """Stands in for `ProcessPoolExecutor`."""

    def __init__(
        self,
        max_workers: int | None = None,
        mp_context: Any = None,
        initializer: Any = None,
        initargs: tuple[Any, ...] = (),
        **_: Any,
    ) -> None:
        _say(PROCESSES)
        super().__init__(1, initializer=initializer, initargs=initargs)


class Manager:
    """Stands in for what `multiprocessing.Manager()` returns: makes plain lists, queues, locks."""

    def __init__(self, *_: Any, **__: Any) -> None:
        _say(PROCESSES)

    def __enter__(self) -> "Manager":
        return self

    def __exit__(self, *_: object) -> None:
        """Do nothing: there is no server to end."""

    def start(self, *_: Any) -> None:
        """Do nothing."""

    shutdown = join = start

    def __getattr__(self, name: str) -> Any:
        return getattr(multiprocessing.dummy, name)


class SemLock(_multiprocessing.SemLock):  # type: ignore[misc]
    """A semaphore without a name, and so without a file in /dev/shm."""

    def __new__(cls, kind: int, value: int, maxvalue: int, *_: Any, **__: Any) -> Any:
        """Create a semaphore with an initial value."""
        memory = ctypes.create_string_buffer(SEMAPHORE_SIZE)
        ctypes.CDLL(None).sem_init(memory, 0, value)
        semaphore = cls._rebuild(ctypes.addressof(memory), kind, maxvalue, None)
        semaphore.memory = memory
        return semaphore


def _processes() -> Iterator[Replacement]:
    for kind in ("Process", "ForkProcess", "SpawnProcess", "ForkServerProcess"):
        yield getattr(context, kind), "_Popen", staticmethod(Popen)
    yield concurrent.futures, "ProcessPoolExecutor", Executor
    yield concurrent.futures.process, "ProcessPoolExecutor", Executor
    yield multiprocessing.managers, "SyncManager", Manager
    yield multiprocessing.heap.Arena, "_dir_candidates", []  # that leaves the temporary folder


def _pools() -> Iterator[Replacement]:
    """Make `Pool` what `ThreadPool` is, with one thread."""
    of_processes, of_threads = vars(pools.Pool), vars(pools.ThreadPool)
    set_up = pools.Pool.__init__

    def start(self: Any, processes: int | None = None, *args: Any, **kwargs: Any) -> None:
        if not isinstance(self, pools.ThreadPool):
            _say(PROCESSES)
            processes = 1
        set_up(self, processes, *args, **kwargs)

    yield pools.Pool, "__init__", start
    for name in ("_get_sentinels", "_get_worker_sentinels", "_help_stuff_finish"):
        yield pools.Pool, name, of_threads[name]
    for name in ("Process", "_setup_queues", "_wrap_exception"):
        yield pools.Pool, name, of_threads[name]
    # A thread pool's own sleeps before each look, and no sleep takes time while grading.
    yield pools.ThreadPool, "_wait_for_updates", of_processes["_wait_for_updates"]


def _jobs() -> Iterator[Replacement]:
    """Say what joblib does: JOBLIB_MULTIPROCESSING=0 has it run jobs in turn."""
    from joblib import Parallel

    run = Parallel.__call__

    def run_in_turn(self: Any, iterable: Any) -> Any:
        if self.n_jobs not in (None, 1):
            _say(JOBS)
        return run(self, iterable)

    yield Parallel, "__call__", run_in_turn


def _pictures() -> Iterator[Replacement]:
    """Have `Image.show` display a picture in the notebook, not in a program of the machine's."""
    from PIL import ImageShow

    viewers = [v for v in ImageShow._viewers if isinstance(v, ImageShow.IPythonViewer)]
    yield ImageShow, "_viewers", viewers


def _torch() -> Iterator[Replacement]:
    import torch
    from torch.utils.data import DataLoader

    iterate = DataLoader.__iter__

    def iterate_here(self: DataLoader[Any]) -> Iterator[Any]:
        if self.num_workers > 0:
            _say(LOADING)
            self = copy.copy(self)
            vars(self).update(num_workers=0, timeout=0, persistent_workers=False)
        batches: Iterator[Any] = iterate(self)
        return batches

    yield DataLoader, "__iter__", iterate_here
    yield torch.Tensor, "share_memory_", lambda self: self
    # Tensors cross queues as other objects do: there is no memory to share.
    reducers: dict[type, Any] = vars(ForkingPickler)["_extra_reducers"]
    others = {kind: f for kind, f in reducers.items() if not kind.__module__.startswith("torch")}
    yield ForkingPickler, "_extra_reducers", others
