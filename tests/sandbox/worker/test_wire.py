"""The wire carries plain data whole, and refuses everything else."""

from __future__ import annotations

import json
import math
import socket
import struct
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.sandbox.worker import wire
from autograder.sandbox.worker.kinds import KINDS, kind_of
from autograder.sandbox.worker.wire import NamedTuple, Ref, Tensor, WireError
from bench.fuzz import OF_EACH_KIND

tensors = st.builds(
    lambda kind, shape, fill: Tensor(
        kind, "float32", tuple(shape), bytes([fill]) * 4 * math.prod(shape)
    ),
    st.sampled_from(["torch", "numpy"]),
    st.lists(st.integers(0, 4), max_size=3),
    st.integers(0, 255),
)
KEYS = st.text(max_size=3) | st.integers() | st.tuples(st.integers(), st.none())
leaves = (
    st.none()
    | st.booleans()
    | st.integers(-(2**200), 2**200)
    | st.floats(allow_nan=False)
    | st.text()
    | st.binary(max_size=64)
    | st.complex_numbers(allow_nan=False)
    | st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**30), max_value=10**30)
    | st.fractions()
    | st.dates()
    | st.datetimes(timezones=st.none() | st.just(UTC))
    | st.times()
    | st.timedeltas()
    | st.builds(range, st.integers(-9, 9), st.integers(-9, 9), st.just(2))
    | st.builds(slice, st.none() | st.integers(), st.none() | st.text(max_size=3))
    | st.frozensets(st.integers() | st.text(max_size=3), max_size=4)
    | st.builds(np.datetime64, st.integers(-99, 99), st.sampled_from(["D", "ns", "25s"]))
    | tensors
    | st.builds(Ref, st.integers(1, 99), st.text(max_size=9), st.booleans())
)
values = st.recursive(
    leaves,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.lists(inner, max_size=4).map(tuple)
        | st.dictionaries(KEYS, inner, max_size=4)
        | inner.map(lambda item: NamedTuple(["x"], [item]))
    ),
    max_leaves=12,
)


@given(values)
def test_what_is_encoded_is_decoded(value: Any) -> None:
    found = wire.decode(*wire.encode(value))
    assert found == value
    assert type(found) is type(value)


def test_an_integer_may_be_of_any_size_up_to_a_bound() -> None:
    assert wire.decode(*wire.encode(-(2**9999))) == -(2**9999)
    with pytest.raises(WireError, match="too large"):
        wire.encode(2**20_000)


def test_the_keys_of_a_dictionary_keep_their_order_and_their_type() -> None:
    found = wire.decode(*wire.encode({3: "a", "3": [1], (3, None): "b", 2.5: {}}))
    assert list(found) == [3, "3", (3, None), 2.5]


def test_a_namedtuple_keeps_its_names_on_the_wire() -> None:
    found = wire.decode(*wire.encode(NamedTuple(["x", "y"], [1, [2]])))
    assert (found.x, found.y) == (1, [2]) == found


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
        ('{"dict": [[{"list": []}, 1]]}', b""),
        ('{"dict": [[1, 1], [true, 2]]}', b""),
        ('{"complex": [1.0]}', b""),
        ('{"complex": [1.0, "1"]}', b""),
        ('{"set": [{"list": []}]}', b""),
        ('{"set": [1, 1]}', b""),
        ('{"set": 1}', b""),
        ('{"frozenset": [{"set": []}]}', b""),
        ('{"autograder.NamedTuple": [{"list": ["a"]}]}', b""),
        ('{"autograder.NamedTuple": [{"list": ["_names"]}, 1]}', b""),
        ('{"autograder.NamedTuple": [{"list": ["a b"]}, 1]}', b""),
        ('{"autograder.NamedTuple": [{"list": ["class"]}, 1]}', b""),
        ('{"autograder.NamedTuple": [{"list": ["a", "a"]}, 1, 2]}', b""),
        ('{"autograder.NamedTuple": []}', b""),
        ('{"decimal.Decimal": ["1E999999999"]}', b""),
        ('{"decimal.Decimal": ["1E9999"]}', b""),
        ('{"decimal.Decimal": ["sNaN"]}', b""),
        ('{"decimal.Decimal": ["' + "9" * 5000 + '"]}', b""),
        ('{"decimal.Decimal": [1]}', b""),
        ('{"fractions.Fraction": [1, 0]}', b""),
        ('{"fractions.Fraction": [1.5, 2]}', b""),
        ('{"datetime.date": ["2020-13-01"]}', b""),
        ('{"datetime.date": [2020]}', b""),
        ('{"datetime.datetime": ["yesterday"]}', b""),
        ('{"datetime.time": []}', b""),
        ('{"datetime.timedelta": [999999999999, 0, 0]}', b""),
        ('{"range": [0, 9999999999, 1]}', b""),
        ('{"range": [0, 1, 0]}', b""),
        ('{"range": [0.0, 1, 1]}', b""),
        ('{"slice": [{"slice": [1, 2, 3]}, 1, 1]}', b""),
        ('{"slice": [1]}', b""),
        ('{"numpy.ndarray": [{"tuple": [2]}, {"list": [1]}]}', b""),
        ('{"numpy.ndarray": [{"tuple": [67108864, 67108864, 0]}, {"list": []}]}', b""),
        ('{"numpy.ndarray": [{"tuple": [1]}, {"list": [{"ref": [1, "a", false]}]}]}', b""),
        ('{"numpy.datetime64": [{"tensor": ["numpy", "int64", []]}]}', bytes(8)),
        ('{"numpy.datetime64": [{"tensor": ["numpy", "datetime64[s]", [1]]}]}', bytes(8)),
        ('{"pandas.DataFrame": []}', b""),
        ('{"scipy.csr_matrix": ["csr_matrix", {"tuple": [1, 1]}, 1, 1, 1]}', b""),
        ('{"builtins.eval": ["1"]}', b""),
    ],
)
def test_what_breaks_the_rules_is_refused(text: str, data: bytes) -> None:
    with pytest.raises(WireError):
        wire.decode(text.encode(), data)


@pytest.mark.parametrize(
    "dtype",
    [
        "datetime64[1152921504606846976s]",
        "datetime64[0s]",
        "datetime64[x]",
        "U0",
        "U99999999",
        "object",
        "V8",
        "bfloat17",
        "[]",
        "[[",
        "[" * 3000,
        '[["a","int8",[0]]]',
        '[["a","int8",[-1]]]',
        '[["a","int8",[67108864,2]]]',
        '[["a","int8",[]],["a","int8",[]]]',
        '[["","int8",[]]]',
        '[["a","object",[]]]',
        '[["a","bfloat16",[]]]',
        '[[1,"int8",[]]]',
        '[["a",["int8"],[]]]',
        "[" + ",".join(f'["{n}","int8",[]]' for n in range(10**4)) + "]",
    ],
)
def test_a_dtype_that_cannot_be_is_refused(dtype: str) -> None:
    text = json.dumps({"tensor": ["numpy", dtype, [1]]})
    with pytest.raises(WireError):
        wire.decode(text.encode(), bytes(10**6))


@pytest.mark.parametrize("dtype", ["U1", '[["a","U1",[2]]]'])
def test_a_character_that_cannot_be_is_refused(dtype: str) -> None:
    text = json.dumps({"tensor": ["numpy", dtype, [1]]}).encode()
    size = 4 if dtype == "U1" else 8
    assert wire.decode(text, bytes(size)).dtype == dtype
    with pytest.raises(WireError, match="character"):
        wire.decode(text, b"\xff" * size)


def test_keys_that_are_made_to_have_the_same_hash_are_refused() -> None:
    alike = [2**61 - 1 << n for n in range(1, 200)]  # each of them has the hash 0
    items = ",".join(f'{{"int": "{n:x}"}}' for n in alike)
    with pytest.raises(WireError, match="same hash"):
        wire.decode(f'{{"set": [{items}]}}'.encode(), b"")


@pytest.mark.parametrize("value", [object(), {"a": print}, [[print]], type])
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


TWO = ["numpy", "int64", [2]]
ROWS = {"pandas.RangeIndex": [None, 0, 2, 1]}
A_TABLE = {
    "pandas.DataFrame": [{"pandas.RangeIndex": [None, 0, 1, 1]}, ROWS, {"list": [{"tensor": TWO}]}]
}


def changed(*path: Any, to: Any) -> Any:
    """Return the table with a part of it replaced."""
    table = json.loads(json.dumps(A_TABLE))
    inner: Any = table["pandas.DataFrame"]
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = to
    return table


def columns(*kinds: Any) -> Any:
    return changed(2, "list", 0, to={"list": list(kinds)})


@pytest.mark.parametrize(
    "tree",
    [
        changed(0, to={"pandas.RangeIndex": [None, 0, 10**6, 1]}),
        changed(0, to={"list": ["a"]}),
        changed(1, to={"pandas.RangeIndex": [None, 0, 3, 1]}),
        changed(1, to={"pandas.RangeIndex": [None, 0, 10**12, 1]}),
        changed(1, to={"pandas.RangeIndex": [{"list": []}, 0, 2, 1]}),
        changed(1, to={"pandas.RangeIndex": [None, 0, 2, 0]}),
        changed(1, to={"pandas.Index": [None, {"list": ["objects", {"list": [{"list": []}, 1]}]}]}),
        changed(1, to={"pandas.MultiIndex": [{"list": ["a"]}, {"list": []}]}),
        changed(2, to={"list": []}),
        changed(2, to={"list": [{"tensor": TWO}, {"tensor": TWO}]}),
        changed(2, "list", 0, to={"tensor": ["numpy", "U1", [4]]}),
        changed(2, "list", 0, to={"tensor": ["numpy", "datetime64[Y]", [2]]}),
        changed(2, "list", 0, to={"tensor": ["numpy", "datetime64[7s]", [2]]}),
        changed(2, "list", 0, to={"tensor": ["numpy", "bfloat17", [2]]}),
        changed(2, "list", 0, to={"tensor": ["numpy", "int8", [2, 8]]}),
        changed(2, "list", 0, to=1),
        columns("objects", {"list": [A_TABLE, 1]}),
        columns("objects", {"list": [{"ref": [1, "a", False]}, 1]}),
        columns("str", {"list": [1, 2]}),
        columns("eval", {"list": ["a", "b"]}),
        columns("missing", {"tensor": TWO}, {"tensor": TWO}),
        columns("categories", {"tensor": TWO}, {"pandas.Index": [None, {"list": ["str", {"list": ["a", "a"]}]}]}, True),
        columns("zone", {"tensor": ["numpy", "datetime64[ns]", [2]]}, "dateutil//etc/passwd"),
        columns("zone", {"tensor": ["numpy", "datetime64[ns]", [2]]}, "../../etc/passwd"),
        columns("zone", {"tensor": ["numpy", "datetime64[ns]", [2]]}, None),
        {"pandas.Series": [ROWS, None, {"tensor": ["numpy", "int64", [3]]}]},
        {"pandas.Series": [ROWS, {"set": []}, {"tensor": TWO}]},
        {"pandas.Categorical": [{"tensor": TWO}]},
        {"pandas.NAType": [1]},
        {"scipy.csr_array": ["csr_array", {"tuple": [10**9, 10**9]}, {"tensor": TWO}, {"tensor": TWO}, {"tensor": TWO}]},
        {"scipy.csr_array": ["dia_array", {"tuple": [2, 2]}, {"tensor": TWO}, {"tensor": TWO}, {"tensor": TWO}]},
    ],
    ids=str,
)  # fmt: skip
def test_a_table_that_cannot_be_is_refused(tree: Any) -> None:
    def needed(part: Any) -> int:
        if isinstance(part, dict) and "tensor" in part:
            _, dtype, shape = part["tensor"]
            return {"U1": 4, "int8": 1}.get(dtype, 8) * int(math.prod(shape))
        parts = part.values() if isinstance(part, dict) else part if isinstance(part, list) else ()
        return sum(map(needed, parts))

    assert wire.decode(json.dumps(A_TABLE).encode(), bytes(16)).shape == (2, 1)
    with pytest.raises(WireError):
        wire.decode(json.dumps(tree).encode(), bytes(needed(tree)))


def test_the_parts_of_one_kind_make_no_other() -> None:
    for kind in KINDS:
        for value in OF_EACH_KIND:
            parts = KINDS[kind_of(type(value))].parts(value)
            text, data = wire.encode(list(parts))
            with suppress(WireError):
                wire.decode(text.replace(b'"list"', json.dumps(kind).encode(), 1), data)
