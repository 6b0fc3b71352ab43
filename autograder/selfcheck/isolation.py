"""Restores what a student's code, run in this process, may change."""

import builtins
import contextlib
import getpass
import os
import random
import socket
import sys
import tempfile
import time
import warnings
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from types import ModuleType
from typing import Any
from unittest.mock import patch

_MISSING = object()

# What `worker.shell.take_over` redirects to a shell, and what making and using one replaces.
REPLACED: Sequence[tuple[Any, str]] = (
    (sys, "stdout"),
    (sys, "stderr"),
    (sys, "displayhook"),
    (sys, "excepthook"),
    (builtins, "input"),
    (getpass, "getpass"),
    (socket, "getaddrinfo"),
    (time, "sleep"),
)
LAST_EXCEPTION = [(sys, f"last_{name}") for name in ("exc", "type", "value", "traceback")]


@contextmanager
def preserve_process() -> Iterator[None]:
    """Restore this process at the end; until then, work in an empty folder as in grading."""
    with (
        _preserve_attributes(REPLACED),
        preserve_traceback(),
        warnings.catch_warnings(),
        preserve_random_state(),
        _preserve_shell(),
        patch.dict(os.environ),
        _preserve_plots(),
        _empty_folder(),
    ):
        yield


def preserve_traceback() -> AbstractContextManager[None]:
    """Preserve the exception that `%debug` shows: pytest replaces it by those of failed tests."""
    return _preserve_attributes(LAST_EXCEPTION)


@contextmanager
def preserve_random_state() -> Iterator[None]:
    """Preserve the random generators and the global settings of numpy and torch, if imported."""
    state = random.getstate()
    with ExitStack() as stack:
        stack.callback(random.setstate, state)
        if numpy := sys.modules.get("numpy"):
            stack.callback(numpy.random.set_state, numpy.random.get_state())
            stack.enter_context(numpy.errstate())
        if torch := sys.modules.get("torch"):
            stack.callback(torch.set_rng_state, torch.get_rng_state())
            stack.callback(torch.set_grad_enabled, torch.is_grad_enabled())
            stack.callback(torch.set_default_dtype, torch.get_default_dtype())
            stack.callback(torch.set_num_threads, torch.get_num_threads())
            stack.callback(torch.autograd.set_detect_anomaly, torch.is_anomaly_enabled())
            stack.callback(_set_deterministic, torch, _deterministic(torch))
        yield


def _deterministic(torch: ModuleType) -> tuple[bool, bool]:
    warn_only = torch.is_deterministic_algorithms_warn_only_enabled()
    return torch.are_deterministic_algorithms_enabled(), warn_only


def _set_deterministic(torch: ModuleType, before: tuple[bool, bool]) -> None:
    """Set it only if it has changed: that import takes seconds."""
    if _deterministic(torch) != before:
        torch.use_deterministic_algorithms(before[0], warn_only=before[1])


@contextmanager
def _preserve_attributes(attributes: Sequence[tuple[Any, str]]) -> Iterator[None]:
    before = [(owner, name, getattr(owner, name, _MISSING)) for owner, name in attributes]
    try:
        yield
    finally:
        for owner, name, value in before:
            if value is not _MISSING:
                setattr(owner, name, value)
            elif hasattr(owner, name):
                delattr(owner, name)


@contextmanager
def _preserve_shell() -> Iterator[None]:
    """Hide the process's one IPython shell, so that another one can be made."""
    from autograder.sandbox.worker.shell import Shell

    with ExitStack() as stack:
        for cls in Shell._walk_mro():
            stack.enter_context(patch.object(cls, "_instance", None))
        yield


@contextmanager
def _preserve_plots() -> Iterator[None]:
    """Preserve how plots are drawn: without the inline backend, `plt.show()` opens windows."""
    try:
        import matplotlib as mpl
        import matplotlib.pyplot as plt
    except ImportError:
        yield
        return
    backend = dict.__getitem__(mpl.rcParams, "backend")  # plain access would choose one
    interactive = mpl.is_interactive()
    try:
        with mpl.rc_context():
            yield
    finally:
        plt.close("all")
        mpl.rcParams["backend"] = backend
        if isinstance(backend, str):
            plt.switch_backend(backend)
        mpl.interactive(interactive)


@contextmanager
def _empty_folder() -> Iterator[None]:
    """Work in an empty folder, and forget the modules imported from it.

    Also preserve `sys.path`, and `__main__`, which a shell replaces by the notebook.
    """
    imported, path, main = set(sys.modules), list(sys.path), sys.modules["__main__"]
    with (
        tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder,
        contextlib.chdir(folder),
    ):
        sys.path.insert(0, "")  # as in Jupyter: a cell may write a module and import it
        try:
            yield
        finally:
            sys.path[:] = path
            sys.modules["__main__"] = main
            for name in set(sys.modules) - imported:
                if _comes_from(sys.modules[name], os.path.realpath(folder)):
                    del sys.modules[name]


def _comes_from(module: ModuleType, folder: str) -> bool:
    with contextlib.suppress(Exception):  # a module may be anything
        return os.path.realpath(str(module.__file__)).startswith(folder + os.sep)
    return False
