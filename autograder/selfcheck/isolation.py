"""Leaves this process as it was: what running a student's code here may change is put back."""

from __future__ import annotations

import builtins
import contextlib
import getpass
import os
import random
import sys
import tempfile
import time
import warnings
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from types import ModuleType
from typing import Any

_GONE = object()

# What `worker.shell.take_over` points at a shell, and what making and using one replaces.
PLACES: tuple[tuple[Any, str], ...] = (
    (sys, "stdout"),
    (sys, "stderr"),
    (sys, "displayhook"),
    (sys, "excepthook"),
    (builtins, "input"),
    (getpass, "getpass"),
    (time, "sleep"),
)
TRACEBACK = ("last_exc", "last_type", "last_value", "last_traceback")


@contextmanager
def process_kept() -> Iterator[None]:
    """Work in an empty folder of its own, as a submission does when it is graded."""
    with ExitStack() as stack:
        for owner, name in PLACES:
            stack.enter_context(_attribute_kept(owner, name))
        stack.enter_context(traceback_kept())
        stack.enter_context(warnings.catch_warnings())
        stack.enter_context(numbers_kept())
        stack.enter_context(_no_shell_yet())
        stack.enter_context(_imports_kept())
        stack.enter_context(_environment_kept())
        stack.enter_context(_plots_kept())
        stack.enter_context(_own_folder())
        yield


@contextmanager
def traceback_kept() -> Iterator[None]:
    """Keep what `%debug` looks at: pytest puts the exceptions of failed tests there."""
    with ExitStack() as stack:
        for name in TRACEBACK:
            stack.enter_context(_attribute_kept(sys, name))
        yield


@contextmanager
def numbers_kept() -> Iterator[None]:
    """Keep the random generators and the switches of numpy and torch, as far as imported."""
    state = random.getstate()
    with ExitStack() as stack:
        stack.callback(random.setstate, state)
        if "numpy" in sys.modules:
            _keep_numpy(stack)
        if "torch" in sys.modules:
            _keep_torch(stack)
        yield


def _keep_numpy(stack: ExitStack) -> None:
    import numpy as np

    stack.callback(np.random.set_state, np.random.get_state())
    stack.enter_context(np.errstate())


def _keep_torch(stack: ExitStack) -> None:
    import torch

    stack.callback(torch.set_rng_state, torch.get_rng_state())
    stack.callback(torch.set_grad_enabled, torch.is_grad_enabled())
    stack.callback(torch.set_default_dtype, torch.get_default_dtype())
    stack.callback(torch.set_num_threads, torch.get_num_threads())
    stack.callback(torch.autograd.set_detect_anomaly, torch.is_anomaly_enabled())
    stack.callback(_set_deterministic, _deterministic())


def _deterministic() -> tuple[bool, bool]:
    import torch

    warn_only = torch.is_deterministic_algorithms_warn_only_enabled()
    return torch.are_deterministic_algorithms_enabled(), warn_only


def _set_deterministic(before: tuple[bool, bool]) -> None:
    """Set it only where it changed: that imports for seconds."""
    if _deterministic() != before:
        import torch

        torch.use_deterministic_algorithms(before[0], warn_only=before[1])


@contextmanager
def _attribute_kept(owner: Any, name: str) -> Iterator[None]:
    before = getattr(owner, name, _GONE)
    try:
        yield
    finally:
        if before is not _GONE:
            setattr(owner, name, before)
        elif hasattr(owner, name):
            delattr(owner, name)


@contextmanager
def _no_shell_yet() -> Iterator[None]:
    """Forget the process's one IPython shell for a while, so that another one can be made."""
    from autograder.sandbox.worker.shell import Shell

    classes: list[Any] = list(Shell._walk_mro())
    before = [cls._instance for cls in classes]
    for cls in classes:
        cls._instance = None
    try:
        yield
    finally:
        for cls, instance in zip(classes, before, strict=True):
            cls._instance = instance


@contextmanager
def _imports_kept() -> Iterator[None]:
    """Keep `sys.path` and `__main__`, which a shell replaces by the notebook."""
    path, main = list(sys.path), sys.modules["__main__"]
    try:
        yield
    finally:
        sys.path[:] = path
        sys.modules["__main__"] = main


@contextmanager
def _environment_kept() -> Iterator[None]:
    before = dict(os.environ)
    try:
        yield
    finally:
        for name in set(os.environ) - set(before):
            del os.environ[name]
        os.environ.update(before)


@contextmanager
def _plots_kept() -> Iterator[None]:
    """Keep how plots are drawn. Without the inline backend, `plt.show()` would open windows."""
    try:
        import matplotlib as mpl
        import matplotlib.pyplot as plt
    except ImportError:
        yield
        return
    backend = dict.__getitem__(mpl.rcParams, "backend")  # asking for it would choose one
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
def _own_folder() -> Iterator[None]:
    """Work in an empty folder, and forget the modules that were imported from there."""
    before, imported = os.getcwd(), set(sys.modules)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        os.chdir(folder)
        sys.path.insert(0, "")  # as in Jupyter: a cell may write a module and import it
        try:
            yield
        finally:
            os.chdir(before)
            for name in set(sys.modules) - imported:
                if _comes_from(sys.modules[name], os.path.realpath(folder)):
                    del sys.modules[name]


def _comes_from(module: ModuleType, folder: str) -> bool:
    with contextlib.suppress(Exception):  # a module may be anything
        return os.path.realpath(str(module.__file__)).startswith(folder + os.sep)
    return False
