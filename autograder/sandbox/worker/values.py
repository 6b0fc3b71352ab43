"""Converts between live Python objects in the child and plain data on the wire."""

from collections.abc import Callable
from typing import Any

import numpy as np

from autograder.sandbox.worker.wire import (
    ITEMSIZE,
    MAX_BYTES,
    MAX_DEPTH,
    MAX_INT,
    Ref,
    Tensor,
    WireError,
)

try:
    import torch
except ImportError:  # a course without torch
    torch = None  # type: ignore[assignment]


def lower(value: Any, store: Callable[[Any], Ref], depth: int = 0) -> Any:
    """Turn an object into plain data; `store` returns a `Ref` for what cannot be sent.

    Tensors lose their graph, containers are copied, numpy scalars become arrays of shape ().
    """
    kind = type(value)
    if value is None or kind in (bool, str, float, bytes, Tensor, Ref):
        return value
    if kind is int and abs(value) < MAX_INT:
        return value
    if torch is not None and isinstance(value, torch.Tensor):
        return _lower_tensor(value, store)
    if isinstance(value, np.ndarray | np.generic):
        return _lower_array(np.asarray(value), store)
    if depth < MAX_DEPTH - 2:
        if kind in (list, tuple):
            return kind(lower(item, store, depth + 1) for item in value)
        if kind is dict and all(type(key) is str for key in value):
            return {key: lower(item, store, depth + 1) for key, item in value.items()}
    return store(value)


def _lower_tensor(value: Any, store: Callable[[Any], Ref]) -> Tensor | Ref:
    dtype = str(value.dtype).removeprefix("torch.")
    if dtype not in ITEMSIZE or value.layout is not torch.strided:
        return store(value)
    _check_size(value.numel() * ITEMSIZE[dtype])
    plain = value.detach().cpu().resolve_conj().resolve_neg().contiguous()
    if dtype == "bfloat16":
        plain = plain.view(torch.int16)
    return Tensor("torch", dtype, tuple(value.shape), plain.numpy().tobytes())


def _lower_array(value: np.ndarray[Any, Any], store: Callable[[Any], Ref]) -> Tensor | Ref:
    dtype = value.dtype.name
    if dtype not in ITEMSIZE:
        return store(value)
    _check_size(value.nbytes)
    plain = value.astype(value.dtype.newbyteorder("<"))
    return Tensor("numpy", dtype, tuple(value.shape), plain.tobytes())


def _check_size(size: int) -> None:
    if size > MAX_BYTES:
        raise WireError(f"the answer is too large: {size:,} bytes")


def lift(value: Any, look_up: Callable[[Ref], Any]) -> Any:
    """Turn plain data into live objects: new tensors and arrays, and what each `Ref` stands for."""
    if isinstance(value, Ref):
        return look_up(value)
    if isinstance(value, Tensor):
        array = np.frombuffer(bytearray(value.data), dtype=value.dtype).reshape(value.shape)
        return torch.from_numpy(array) if value.kind == "torch" else array
    if isinstance(value, list | tuple):
        return type(value)(lift(item, look_up) for item in value)
    if isinstance(value, dict):
        return {key: lift(item, look_up) for key, item in value.items()}
    return value
