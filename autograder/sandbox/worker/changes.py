"""Changes in place of lists, dicts, sets and arrays, which are taken over in another process."""

import sys
from typing import Any

import numpy as np

from autograder.sandbox.worker.values import lower
from autograder.sandbox.worker.wire import Ref, WireError, pack


def is_changeable(value: Any) -> bool:
    """Tell whether a value can change in place, and whether that can be taken over."""
    return type(value) in (list, dict, set, bytearray, np.ndarray) or _is_tensor(value)


def state_of(value: Any) -> bytes:
    """Return what a value consists of, to compare it later; b"" if it is too large for that."""
    try:
        return pack(lower(value, lambda item: Ref(id(item) % 2**31, "object", callable=False)))
    except WireError:
        return b""


def change(old: Any, new: Any) -> None:
    """Let a value become what it has become in another process, in place.

    Raises:
        TypeError: it has become something of another kind.
    """
    if type(old) is not type(new):
        raise TypeError(f"a {type(old).__name__} cannot become a {type(new).__name__}")
    if type(old) is list:
        old[:] = [_changed(*pair) for pair in zip(old, new, strict=False)] + new[len(old) :]
    elif type(old) is dict:
        items = {key: _changed(old.get(key), item) for key, item in new.items()}
        old.clear()
        old.update(items)
    elif type(old) is set:
        old.clear()
        old.update(new)
    elif _is_tensor(old):
        old.data.copy_(new)
    elif type(old) is bytearray:
        old[:] = new
    else:
        old[...] = new


def _changed(old: Any, new: Any) -> Any:
    """Return what stands in a container now: what stood there, if it can become that."""
    if type(old) is not type(new) or not is_changeable(old):
        return new
    if hasattr(old, "shape") and old.shape != new.shape:
        return new
    change(old, new)
    return old


def _is_tensor(value: Any) -> bool:
    torch = sys.modules.get("torch")
    return torch is not None and type(value) is torch.Tensor
