"""The wire carries plain data whole, and refuses everything else."""

from __future__ import annotations

import json
import math
import socket
import struct
import time
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.sandbox.worker import wire
from autograder.sandbox.worker.wire import Ref, Special, Tensor, WireError

tensors = st.builds(
    lambda kind, shape, fill: Tensor(
        kind, "float32", tuple(shape), bytes([fill]) * 4 * math.prod(shape)
    ),
    st.sampled_from(["torch", "numpy"]),
    st.lists(st.integers(0, 4), max_size=3),
    st.integers(0, 255),
)
leaves = (
    st.none()
    | st.booleans()
    | st.integers(-(2**62), 2**62)
    | st.floats(allow_nan=False)
    | st.text()
    | st.binary(max_size=64)
    | tensors
    | st.builds(Ref, st.integers(1, 99), st.text(max_size=9), st.booleans())
)
values = st.recursive(
    leaves,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.lists(inner, max_size=4).map(tuple)
        | st.dictionaries(st.text(), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(values)
def test_what_is_encoded_is_decoded(value: Any) -> None:
    assert wire.decode(*wire.encode(value)) == value


@pytest.mark.parametrize(
    ("special", "value"),
    [
        (Special("int", -(2**99)), -(2**99)),
        (Special("complex", complex(math.inf, 2)), complex(math.inf, 2)),
        (Special("set", [1, "a", (2.5, None)]), {1, "a", (2.5, None)}),
        (Special("map", [(1, [2]), ((3,), "b")]), {1: [2], (3,): "b"}),
        (Special("named", (["x", "y"], [1, [2]])), (1, [2])),
    ],
)
def test_an_answer_may_be_more_than_what_a_test_sends(special: Special, value: Any) -> None:
    assert wire.decode(*wire.encode([special])) == [value]


def test_nan_crosses_as_nan() -> None:
    assert math.isnan(wire.decode(*wire.encode(math.nan)))


@given(st.binary(max_size=200), st.binary(max_size=50))
def test_random_bytes_are_refused_or_are_a_value(text: bytes, data: bytes) -> None:
    try:
        wire.decode(text, data)
    except WireError:
        pass


@pytest.mark.parametrize(
    ("text", "data"),
    [
        ("", b""),
        ("[1]", b""),
        ("NaN", b""),
        ("1e999", b""),
        ("1" * 5000, b""),
        ('{"list": [1], "tuple": [2]}', b""),
        ('{"list": [1], "list": [2]}', b""),
        ('{"unknown": 1}', b""),
        ('{"float": "1"}', b""),
        ('{"dict": [["a", 1], ["a", 2]]}', b""),
        ('{"dict": [[1, 1]]}', b""),
        ('{"bytes": 4}', b"123"),
        ('{"bytes": -1}', b""),
        ('{"bytes": true}', b"1"),
        ("1", b"surplus"),
        ('{"tensor": ["torch", "float32", [2]]}', b"1234567"),
        ('{"tensor": ["torch", "float32", [2]]}', b"123456789"),
        ('{"tensor": ["torch", "object", [1]]}', b"12345678"),
        ('{"tensor": ["pickle", "float32", [1]]}', b"1234"),
        ('{"tensor": ["torch", "float32", [-1]]}', b""),
        ('{"tensor": ["torch", "float32", [true]]}', b"1234"),
        ('{"tensor": ["torch", "float32", [99999, 99999, 99999]]}', b""),
        ('{"tensor": ["numpy", "float64", [0, 67108864, 67108864]]}', b""),
        ('{"tensor": ["torch", "float32", 1]}', b"1234"),
        ("9" * 20, b""),
        ('{"ref": [1, "a"]}', b""),
        ('{"ref": [true, "a", false]}', b""),
        ('{"list": ' * 500 + "1" + "}" * 500, b""),
        ("[" * 100_000, b""),
        ("\u00e9", b""),
        ('{"int": "x"}', b""),
        ('{"int": "' + "f" * 5000 + '"}', b""),
        ('{"complex": [1.0]}', b""),
        ('{"complex": [1.0, "1"]}', b""),
        ('{"set": [{"list": []}]}', b""),
        ('{"set": 1}', b""),
        ('{"map": [[1]]}', b""),
        ('{"map": [[{"dict": []}, 1]]}', b""),
        ('{"map": ["ab"]}', b""),
        ('{"named": [["a"], []]}', b""),
        ('{"named": [["_names"], [1]]}', b""),
        ('{"named": [["a b"], [1]]}', b""),
    ],
)
def test_what_breaks_the_rules_is_refused(text: str, data: bytes) -> None:
    with pytest.raises(WireError):
        wire.decode(text.encode(), data)


@pytest.mark.parametrize("value", [object(), {1: 2}, 2**64, {"a": {3}}, [[print]]])
def test_what_is_not_plain_data_is_not_sent(value: Any) -> None:
    with pytest.raises(WireError):
        wire.encode(value)


def test_a_subclass_of_a_plain_type_is_not_sent() -> None:
    class Text(str):
        pass

    with pytest.raises(WireError):
        wire.encode(Text("looks plain"))


@pytest.fixture
def pair() -> Iterator[tuple[socket.socket, socket.socket]]:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield ours, theirs


Pair = tuple[socket.socket, socket.socket]


def test_a_frame_crosses_a_socket(pair: Pair) -> None:
    value = {"x": [1, 2.5, Tensor("torch", "int8", (3,), b"abc")]}
    wire.send(pair[1], wire.pack(value))
    assert wire.Reader(pair[0]).receive(time.monotonic() + 5) == value


def test_silence_ends_at_the_deadline(pair: Pair) -> None:
    with pytest.raises(wire.DeadlinePassed):
        wire.Reader(pair[0]).receive(time.monotonic() + 0.05)


def test_a_dribble_of_bytes_does_not_move_the_deadline(pair: Pair) -> None:
    pair[1].sendall(wire.pack("hello")[:-1])
    with pytest.raises(wire.DeadlinePassed):
        wire.Reader(pair[0]).receive(time.monotonic() + 0.05)


def test_a_claim_of_gigabytes_is_refused_before_it_is_read(pair: Pair) -> None:
    pair[1].sendall(struct.pack(">II", 2**32 - 1, 2**32 - 1))
    with pytest.raises(WireError, match="more than allowed"):
        wire.Reader(pair[0]).receive(time.monotonic() + 5)


def test_a_closed_connection_is_told_from_silence(pair: Pair) -> None:
    pair[1].close()
    with pytest.raises(wire.ConnectionLost) as caught:
        wire.Reader(pair[0]).receive(time.monotonic() + 5)
    assert not isinstance(caught.value, wire.DeadlinePassed)


def test_a_reader_that_does_not_read_does_not_block_the_sender(pair: Pair) -> None:
    with pytest.raises(wire.DeadlinePassed):
        wire.send(pair[0], wire.pack(b"x" * (8 << 20)), time.monotonic() + 0.1)


def test_the_text_of_a_frame_is_json() -> None:
    text, _ = wire.encode({"a": (1, None)})
    assert json.loads(text) == {"dict": [["a", {"tuple": [1, None]}]]}


@st.composite
def frames(draw: st.DrawFn) -> bytes:
    """A whole frame, in which then something is changed, cut off or added."""
    frame = bytearray(wire.pack(draw(values)))
    for _ in range(draw(st.integers(0, 4))):
        place = draw(st.integers(0, max(len(frame) - 1, 0)))
        match draw(st.sampled_from(["change", "cut", "add", "length"])):
            case "change" if frame:
                frame[place] = draw(st.integers(0, 255))
            case "cut":
                del frame[place:]
            case "add":
                frame[place:place] = draw(st.binary(max_size=20))
            case "length":
                frame[:4] = struct.pack(">I", draw(st.integers(0, 2**32 - 1)))
    return bytes(frame)


@given(frames(), st.integers(1, 40))
def test_a_hostile_sender_gets_a_value_or_an_error_through_and_nothing_else(
    frame: bytes, piece: int
) -> None:
    ours, theirs = socket.socketpair()
    piece = max(piece, len(frame) // 100 + 1)  # a socket holds some hundred pieces
    with ours, theirs:
        for start in range(0, len(frame), piece):
            theirs.send(frame[start : start + piece])
        theirs.close()
        try:
            value = wire.Reader(ours).receive(time.monotonic() + 1)
        except WireError:
            return
    assert wire.decode(*wire.encode(value)) == value or value != value


def test_several_values_on_their_way_are_read_one_by_one(pair: Pair) -> None:
    pair[1].sendall(wire.pack(1) + wire.pack("two"))
    reader = wire.Reader(pair[0])
    assert reader.receive() == 1
    with pytest.raises(WireError, match="after the end"):
        reader.expect_nothing()
    assert reader.receive() == "two"
    reader.expect_nothing()


def test_someone_looks_around_while_nothing_comes(pair: Pair) -> None:
    rounds: list[float] = []
    with pytest.raises(wire.DeadlinePassed):
        wire.Reader(pair[0]).receive(
            time.monotonic() + 0.6, lambda: rounds.append(time.monotonic())
        )
    assert len(rounds) >= 2


def test_messages_are_counted_and_long_ones_limited_before_they_are_read() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        reader = wire.Reader(ours, wire.Room(messages=3, long=2 * wire.LONG))
        for _ in range(2):
            wire.send(theirs, wire.pack("a" * 10))
            assert reader.receive() == "a" * 10
        wire.send(theirs, wire.PREFIX.pack(0, wire.LONG + 1))  # the rest never comes
        with pytest.raises(WireError, match="too long"):
            wire.Reader(ours, wire.Room(long=wire.LONG)).receive()
        wire.send(theirs, 2 * wire.pack(1))
        assert reader.receive() == 1
        with pytest.raises(WireError, match="too many messages"):
            reader.receive()
