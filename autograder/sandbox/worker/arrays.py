"""Turns arrays and torch tensors into what the wire carries, and back into arrays."""

import json
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograder.sandbox.worker.plain import (
    ITEMSIZE,
    TEXT_DTYPE,
    Tensor,
    WireError,
    fields,
    itemsize,
    size_of,
)

WIDER = {
    "complex32": "complex64",
    "longdouble": "float64",
    "clongdouble": "complex128",
    "float128": "float64",
    "complex256": "complex128",
}
"""What stands on the wire for a dtype that it does not carry."""
MAX_CODE_POINT = 0x10FFFF


def tensor_of(array: NDArray[Any], kind: str = "numpy") -> Tensor:
    """Return an array as a `Tensor`.

    Raises:
        TypeError: the wire does not carry its dtype.
        WireError: it is too large.
    """
    dtype = _name_of(array.dtype)
    size_of(dtype, array.shape)
    plain = array.astype(numpy_dtype(dtype), copy=False)
    return Tensor(kind, dtype, tuple(array.shape), plain.tobytes())


def tensor_of_torch(tensor: Any, torch: Any) -> Tensor:
    """Return a torch tensor as a `Tensor`: dense, without its graph and its dimensions' names.

    Raises:
        TypeError: the wire does not carry its dtype, or it has no data.
        WireError: it is too large.
    """
    with torch._C.DisableTorchFunctionSubclass():
        dtype = _torch_name(tensor)
        size_of(dtype if dtype in ITEMSIZE else "float64", (tensor.numel(),))
        plain = tensor.detach()
        if hasattr(plain, "rename"):  # torch had names for dimensions once
            plain = plain.rename(None)
        if plain.is_quantized:
            plain = plain.dequantize()
        elif plain.layout is not torch.strided:
            plain = plain.to_dense()
        if wider := "float32" if dtype.startswith("float8") else WIDER.get(dtype):
            plain = plain.to(getattr(torch, wider))
        dtype = _torch_name(plain)
        if dtype not in ITEMSIZE or plain.device.type == "meta":
            raise TypeError("a tensor that has no data, or an unknown dtype")
        shape = tuple(map(int, plain.shape))
        plain = plain.cpu().resolve_conj().resolve_neg().contiguous()
        if dtype == "bfloat16":
            plain = plain.view(torch.int16)
        return Tensor("torch", dtype, shape, plain.numpy().tobytes())


def _torch_name(tensor: Any) -> str:
    return str(tensor.dtype).removeprefix("torch.")


@lru_cache(1000)  # NumPy builds the name anew each time
def _name_of(dtype: Any) -> str:
    """Return what the wire calls a dtype.

    Raises:
        TypeError: it does not carry it.
    """
    if dtype.names is not None:
        parts = [(name, dtype.fields[name][0]) for name in dtype.names]
        found = [[name, _name_of(part.base), list(part.shape)] for name, part in parts]
        name = json.dumps(found, separators=(",", ":"))
    elif dtype.kind in "US":
        name = f"{dtype.kind}{max(dtype.itemsize // (4 if dtype.kind == 'U' else 1), 1)}"
    else:
        name = WIDER.get(dtype.name, dtype.name)
    try:
        itemsize(name)
    except WireError:
        raise TypeError(f"an array of dtype {dtype} is not carried") from None
    return name


@lru_cache(1000)
def numpy_dtype(name: str) -> np.dtype[Any]:
    """Return NumPy's dtype, little-endian, of what the wire calls it; none is bfloat16."""
    if name.startswith("["):
        parts = [(field, numpy_dtype(kind), shape) for field, kind, shape, _ in fields(name)]
        return np.dtype(parts)
    return np.dtype(name).newbyteorder("<")


def contents(tensor: Tensor) -> NDArray[Any]:
    """Return the elements of a tensor as a new array of its dtype; bfloat16 becomes float64."""
    if tensor.dtype == "bfloat16":  # the upper half of a float32
        halves = np.frombuffer(tensor.data, "<u2").astype(np.uint32) << 16
        with np.errstate(invalid="ignore"):  # a NaN may be a signaling one
            array: NDArray[Any] = halves.view(np.float32).astype(np.float64)
    elif tensor.dtype == "bool":  # a byte may be neither 0 nor 1
        array = np.frombuffer(tensor.data, np.uint8) != 0
    else:
        array = np.frombuffer(bytearray(tensor.data), numpy_dtype(tensor.dtype))
    return array.reshape(tensor.shape)


def has_text(dtype: str) -> bool:
    """Say whether an array of this dtype has characters, which may be impossible ones."""
    if match := TEXT_DTYPE.fullmatch(dtype):
        return match[1] == "U"
    return dtype.startswith("[") and any(has_text(kind) for _, kind, *_ in fields(dtype))


def check_text(tensor: Tensor) -> None:
    """Refuse an array with impossible characters.

    Raises:
        WireError: it has one.
    """
    _check_text(contents(tensor))


def _check_text(array: NDArray[Any]) -> None:
    for name in array.dtype.names or ():
        _check_text(array[name])
    if array.dtype.kind == "U":
        points = np.ascontiguousarray(array).reshape(-1).view(np.uint32)
        if points.max(initial=0) > MAX_CODE_POINT:
            raise WireError("an array with an impossible character")
