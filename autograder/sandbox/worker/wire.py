"""The wire between grader and child: length-prefixed frames that carry plain data only.

A frame is two lengths, a JSON text and raw bytes. The JSON describes one value; the bytes are
the contents of its tensors, images and long texts, in order. Nothing on the wire is ever
executed or unpickled, and the reader checks every claimed length before it allocates memory.
"""

import json
import math
import socket
import struct
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from autograder.sandbox.worker.arrays import check_text, has_text
from autograder.sandbox.worker.kinds import KINDS, build, keys, kind_of
from autograder.sandbox.worker.plain import (
    ITEMSIZE,
    MAX_BYTES,
    MAX_DEPTH,
    MAX_HEX,
    MAX_INT,
    Callback,
    NamedTuple,
    Ref,
    Tensor,
    WireError,
    size_of,
)

__all__ = [
    "ITEMSIZE",
    "LONG",
    "LONG_TEXT",
    "MAX_BYTES",
    "MAX_DEPTH",
    "MAX_HEX",
    "MAX_INT",
    "MAX_LONG_IN_ALL",
    "MAX_MESSAGES",
    "MAX_TEXT",
    "PATROL_SECONDS",
    "PREFIX",
    "RAISED",
    "WEIGHT_OF_TEXT",
    "Callback",
    "ConnectionLost",
    "DeadlinePassed",
    "NamedTuple",
    "Reader",
    "Ref",
    "Room",
    "Tensor",
    "WireError",
    "decode",
    "encode",
    "pack",
    "send",
]

PATROL_SECONDS = 0.25
PREFIX = struct.Struct(">II")  # length of the JSON text, length of the raw bytes
MAX_TEXT = 2 << 20
WEIGHT_OF_TEXT = 80  # bytes of an array that take as much memory and time as one of JSON text
LONG = 2 << 20  # bytes of memory from which a message takes noticeable time
MAX_LONG_IN_ALL = 512 << 20  # bytes of memory of all long messages of a submission
MAX_MESSAGES = 40_000  # of a submission
LONG_TEXT = 256  # characters; longer texts travel as raw bytes
RAISED = (
    *("ValueError", "TypeError", "AttributeError", "IndexError", "KeyError", "RuntimeError"),
    *("ZeroDivisionError", "OverflowError", "FloatingPointError", "NotImplementedError"),
)
"""The exceptions that a function of the tests may raise in the child that calls it."""


class ConnectionLost(WireError):
    """The other side closed the connection or stayed silent past the deadline."""


class DeadlinePassed(ConnectionLost):
    """The other side did not answer in time."""


def encode(value: Any) -> tuple[bytes, bytes]:
    """Turn a value into JSON text and raw bytes.

    Raises:
        WireError: the value, or something in it, is not plain data.
    """
    chunks: list[bytes] = []
    tree = _describe(value, chunks, 0)
    return _ENCODER.encode(tree).encode("ascii"), b"".join(chunks)


def _describe(value: Any, chunks: list[bytes], depth: int) -> Any:
    if depth > MAX_DEPTH:
        raise WireError("the value is nested too deeply")
    kind = type(value)
    if value is None or kind is bool or (kind is str and len(value) <= LONG_TEXT):
        return value
    if kind is str:
        return {"text": _add(chunks, value.encode("utf-8", "surrogatepass"))}
    if kind is int:
        return value if abs(value) < MAX_INT else {"int": _hexadecimal(value)}
    if kind is float:
        return value if math.isfinite(value) else {"float": repr(value)}
    if kind is list or kind is tuple:
        return {kind.__name__: [_describe(item, chunks, depth + 1) for item in value]}
    if kind is dict:
        return {"dict": [[_describe(p, chunks, depth + 1) for p in pair] for pair in value.items()]}
    if kind is bytes:
        return {"bytes": _add(chunks, value)}
    if kind is Tensor:
        chunks.append(value.data)
        return {"tensor": [value.kind, value.dtype, list(value.shape)]}
    return _describe_other(value, chunks, depth + 1)


def _describe_other(value: Any, chunks: list[bytes], depth: int) -> Any:
    if type(value) is Ref:
        return {"ref": [value.id, value.type, value.callable]}
    if type(value) is Callback:
        return {"callback": [value.id, value.name, value.in_reference]}
    if name := kind_of(type(value)):
        try:
            parts = KINDS[name].parts(value)
        except TypeError as error:
            raise WireError(f"a value of type {type(value).__name__}: {error}") from None
        return {name: [_describe(part, chunks, depth) for part in parts]}
    raise WireError(f"a value of type {type(value).__name__} is not plain data")


def _hexadecimal(value: int) -> str:
    if value.bit_length() > 4 * MAX_HEX:
        raise WireError("the integer is too large")
    return f"{value:x}"


def _add(chunks: list[bytes], content: bytes) -> int:
    chunks.append(content)
    return len(content)


def decode(text: bytes, data: bytes) -> Any:
    """Turn JSON text and raw bytes back into a value, trusting neither.

    Raises:
        WireError: something is out of bounds, unknown, missing or left over.
    """
    try:
        tree = _DECODER.decode(text.decode("ascii"))
        source = _Source(data)
        value = _rebuild(tree, source, 0)
    except WireError:
        raise
    except (ValueError, TypeError, RecursionError) as error:
        raise WireError(f"the message is malformed: {error}") from None
    if source.offset != len(data):
        raise WireError(f"{len(data) - source.offset} surplus bytes")
    return value


class _Source:
    """The raw bytes of a frame, read in order."""

    def __init__(self, data: bytes) -> None:
        self.data, self.offset = data, 0

    def take(self, count: int) -> bytes:
        if type(count) is not int or not 0 <= count <= len(self.data) - self.offset:
            raise WireError("a length that does not fit the bytes of the message")
        start, self.offset = self.offset, self.offset + count
        return self.data[start : self.offset]


_POINTERS = {"ref": Ref, "callback": Callback}
_PLAIN = frozenset([bool, int, float, str, type(None)])


def _rebuild(tree: Any, source: _Source, depth: int) -> Any:
    kind = type(tree)  # most of a long list are numbers
    if kind is float and not math.isfinite(tree):
        raise WireError("a number that is not finite")
    if kind is int and abs(tree) >= MAX_INT:
        raise WireError("an integer that is too large")
    if kind in _PLAIN:
        return tree
    if depth > MAX_DEPTH:
        raise WireError("the value is nested too deeply")
    if kind is not dict:
        raise WireError("a bare list")
    ((tag, content),) = tree.items()
    if tag in ("list", "tuple") and type(content) is list:
        items = [_rebuild(item, source, depth + 1) for item in content]
        return items if tag == "list" else tuple(items)
    if tag == "dict" and type(content) is list:
        return _rebuild_dict(content, source, depth + 1)
    if tag == "tensor" and type(content) is list and len(content) == 3:
        return _rebuild_tensor(source, *content)
    if tag in _POINTERS and type(content) is list and _types(content) == [int, str, bool]:
        return _POINTERS[tag](*content)
    if tag in KINDS and type(content) is list:
        return build(tag, [_rebuild(part, source, depth + 1) for part in content])
    return _rebuild_leaf(tag, content, source)


def _types(content: list[Any]) -> list[type]:
    return [type(part) for part in content]


def _rebuild_leaf(tag: str, content: Any, source: _Source) -> Any:
    if tag == "float" and content in ("nan", "inf", "-inf"):
        return float(content)
    if tag == "int" and type(content) is str and len(content) <= MAX_HEX + 1:
        return int(content, 16)
    if tag == "bytes":
        return source.take(content)
    if tag == "text":
        return source.take(content).decode("utf-8", "surrogatepass")
    raise WireError("an unknown tag")


def _rebuild_dict(pairs: list[Any], source: _Source, depth: int) -> dict[Any, Any]:
    if any(type(pair) is not list or len(pair) != 2 for pair in pairs):
        raise WireError("a dictionary entry that is not a pair")
    found = [[_rebuild(part, source, depth) for part in pair] for pair in pairs]
    return dict(zip(keys(key for key, _ in found), (item for _, item in found), strict=True))


def _rebuild_tensor(source: _Source, kind: Any, dtype: Any, shape: Any) -> Tensor:
    if kind not in ("torch", "numpy") or type(dtype) is not str:
        raise WireError("a tensor of an unknown kind or dtype")
    if kind == "torch" and dtype not in ITEMSIZE:
        raise WireError("a tensor of an unknown dtype")
    if type(shape) is not list or len(shape) > MAX_DEPTH:
        raise WireError("a tensor without a proper shape")
    tensor = Tensor(kind, dtype, tuple(shape), source.take(size_of(dtype, shape)))
    if dtype not in ITEMSIZE and has_text(dtype):
        check_text(tensor)
    return tensor


def _single_key(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len(pairs) != 1:
        raise WireError("an object must have exactly one key")
    return dict(pairs)


_ENCODER = json.JSONEncoder(ensure_ascii=True, allow_nan=False, check_circular=False)
_DECODER = json.JSONDecoder(object_pairs_hook=_single_key)


def pack(value: Any) -> bytes:
    """Return one value as a frame.

    Raises:
        WireError: the value is not plain data, or larger than readers accept.
    """
    text, data = encode(value)
    if len(text) > MAX_TEXT or len(data) > MAX_BYTES:
        raise WireError("the message is too large")
    return PREFIX.pack(len(text), len(data)) + text + data


def send(sock: socket.socket, frame: bytes, deadline: float | None = None) -> None:
    """Send one frame.

    Raises:
        ConnectionLost: the other side is gone.
        DeadlinePassed: it did not read the frame by `deadline`, a `time.monotonic()` time.
    """
    rest = memoryview(frame)
    while rest:
        try:
            _limit_waiting(sock, deadline)
            rest = rest[sock.send(rest) :]
        except TimeoutError:
            if deadline is not None and time.monotonic() >= deadline:
                raise DeadlinePassed("the message was not read in time") from None
        except OSError as error:
            raise ConnectionLost(f"the other side is gone: {error}") from None


@dataclass
class Room:
    """How much more may be received of a submission: messages, and bytes of memory in long ones."""

    messages: int = MAX_MESSAGES
    long: int = MAX_LONG_IN_ALL

    def take(self, text: int, data: int) -> None:
        """Take away what a message needs.

        Args:
            text: the length of its JSON text.
            data: how many raw bytes it has.

        Raises:
            WireError: there is too little left.
        """
        self.messages -= 1
        if self.messages < 0:
            raise WireError("too many messages")
        if (weight := WEIGHT_OF_TEXT * text + data) > LONG:
            self.long -= weight
            if self.long < 0:
                raise WireError("too many answers are too long")


class Reader:
    """Receives values; more than one may have arrived.

    With `room`, all of them together are limited.
    """

    def __init__(self, sock: socket.socket, room: Room | None = None) -> None:
        self._sock, self._room = sock, room
        self._received = bytearray()

    def receive(
        self, deadline: float | None = None, patrol: Callable[[], None] | None = None
    ) -> Any:
        """Receive the next value, calling `patrol` every `PATROL_SECONDS` while waiting.

        Raises:
            WireError: the frame is too large or malformed.
            ConnectionLost: the other side closed the connection.
            DeadlinePassed: the frame had not arrived in full by `deadline`.
        """
        self._read(PREFIX.size, deadline, patrol)
        n_text, n_data = PREFIX.unpack_from(self._received)
        if n_text > MAX_TEXT or n_data > MAX_BYTES:
            raise WireError(f"a message of {n_text + n_data:,} bytes is more than allowed")
        if self._room is not None:
            self._room.take(n_text, n_data)
        end_of_text, end = PREFIX.size + n_text, PREFIX.size + n_text + n_data
        self._read(end, deadline, patrol)
        with memoryview(self._received) as frame:
            text, data = bytes(frame[PREFIX.size : end_of_text]), bytes(frame[end_of_text:end])
        del self._received[:end]
        return decode(text, data)

    def expect_nothing(self) -> None:
        """Raise WireError if more has arrived than was requested."""
        if self._received:
            raise WireError(f"{len(self._received):,} bytes after the end of the message")

    def _read(self, count: int, deadline: float | None, patrol: Callable[[], None] | None) -> None:
        """Read until `count` bytes have arrived."""
        while len(self._received) < count:
            try:
                _limit_waiting(self._sock, deadline, patrolled=patrol is not None)
                part = self._sock.recv(1 << 16)
            except TimeoutError:
                if deadline is not None and time.monotonic() >= deadline:
                    raise DeadlinePassed("no answer in time") from None
                part = None
            except OSError as error:
                raise ConnectionLost(f"the other side is gone: {error}") from None
            if part == b"":
                raise ConnectionLost("the other side closed the connection")
            self._received += part or b""
            if patrol is not None and len(self._received) < count:
                patrol()


def _limit_waiting(sock: socket.socket, deadline: float | None, *, patrolled: bool = False) -> None:
    """Have the socket's next operation raise TimeoutError at the deadline, or rather sooner.

    Raises:
        TimeoutError: the deadline has passed.
    """
    seconds = PATROL_SECONDS if patrolled or deadline is not None else None
    if deadline is not None:
        seconds = min(PATROL_SECONDS, deadline - time.monotonic())
        if seconds <= 0:
            raise TimeoutError
    if seconds != sock.gettimeout():  # setting it, even to what it is, takes a system call
        sock.settimeout(seconds)
