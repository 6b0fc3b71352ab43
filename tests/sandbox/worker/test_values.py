"""What is plain once it is taken crosses as plain data; what is used as an object stays."""

from __future__ import annotations

import array
import collections
import datetime
import enum
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import pytest
import scipy.sparse
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as st_numpy

from autograder.sandbox.worker import kinds, values, wire
from autograder.sandbox.worker.values import lower, take
from autograder.sandbox.worker.wire import Ref, Tensor, WireError


def store(value: Any) -> Ref:
    return Ref(1, type(value).__name__, callable(value))


def crossed(value: Any) -> Any:
    """Return what a test gets for an object."""
    return wire.decode(*wire.encode(lower(value, store)))


class Float(float):
    def __eq__(self, other: object) -> bool:
        return True

    __hash__ = float.__hash__


class Text(str):
    pass


class Pair(NamedTuple):
    slope: float
    bias: float


class Own(Sequence[float]):
    def __len__(self) -> int:
        return 2

    def __getitem__(self, index: Any) -> Any:
        return [75.0, -12.0][index]


class OwnDecimal(Decimal):
    pass


@dataclass
class Point:
    x: int
    y: float = 0.0


@dataclass
class Shape:
    """Has a method, so it is used as an object."""

    size: float

    def area(self) -> float:
        return self.size**2


class Level(enum.IntEnum):
    HIGH = 3


Defaults = collections.defaultdict(int, a=1)


@pytest.mark.parametrize(
    ("value", "plain"),
    [
        (Float(2.5), 2.5),
        (Text("75"), "75"),
        (Level.HIGH, 3),
        (Decimal("2.5"), Decimal("2.5")),
        (Decimal("1e999999999"), math.inf),
        (Decimal("-inf"), -math.inf),
        (Fraction(5, 2), Fraction(5, 2)),
        (OwnDecimal("2.5"), Decimal("2.5")),
        (datetime.date(2020, 2, 29), datetime.date(2020, 2, 29)),
        (pd.Timestamp("2020-02-29 12:00"), datetime.datetime(2020, 2, 29, 12)),  # noqa: DTZ001
        (datetime.timedelta(1, 2, 3), datetime.timedelta(1, 2, 3)),
        (np.datetime64(5, "ns"), np.datetime64(5, "ns")),
        (pd.NaT, pd.NaT),
        (Point(1, Float(2)), (1, 2.0)),
        (np.void((1, 2.5), [("a", int), ("b", float)]), (1, 2.5)),
        (slice(1, np.int64(2)), slice(1, 2)),
        (np.float64(2.5), 2.5),
        (np.float32(2.5), 2.5),
        (np.longdouble(2.5), 2.5),
        (np.int64(3), 3),
        (np.bool_(False), False),
        (np.str_("a"), "a"),
        (2**64, 2**64),
        (-(3**200), -(3**200)),
        (1 + 2j, 1 + 2j),
        (np.complex64(1 + 2j), 1 + 2j),
        (Pair(75.0, -12.0), (75.0, -12.0)),
        (collections.deque([1, 2]), [1, 2]),
        ({"a": 1, "b": 2}.values(), [1, 2]),
        ({"a": 1}.items(), [("a", 1)]),
        ({"a": 1}.keys(), ["a"]),
        (range(3), range(3)),
        (array.array("d", [1, 2]), [1.0, 2.0]),
        (collections.UserList([1]), [1]),
        (collections.UserString("a"), "a"),
        (Own(), [75.0, -12.0]),
        (torch.Size([2, 3]), (2, 3)),
        (collections.OrderedDict(a=1), {"a": 1}),
        (Defaults, {"a": 1}),
        ({1: "one", (2, 3): 4.0}, {1: "one", (2, 3): 4.0}),
        ({1, 2}, {1, 2}),
        (frozenset("ab"), frozenset("ab")),
        ({np.int64(1), Level.HIGH}, {1, 3}),
        ({np.int64(1): Text("a")}, {1: "a"}),
        (bytearray(b"ab"), b"ab"),
        (np.array([Fraction(5, 2), 3], object), Tensor("numpy", "float64", (2,), np.array([2.5, 3]).tobytes())),
        (np.array(["a", "b"]), Tensor("numpy", "U1", (2,), np.array(["a", "b"]).tobytes())),
        (np.array([1, 2], np.uint32), Tensor("numpy", "uint32", (2,), np.array([1, 2], "u4").tobytes())),
        (scipy.sparse.csr_array([[1, 0]]), Tensor("numpy", "int64", (1, 2), np.array([1, 0]).tobytes())),
        ([Fraction(1, 2), (Decimal(1),)], [Fraction(1, 2), (Decimal(1),)]),
        (np.array([2**99, 1]), np.array([2**99, 1])),
    ],
)  # fmt: skip
def test_what_is_plain_once_it_is_taken_is_plain(value: Any, plain: Any) -> None:
    received = crossed(value)
    assert received is plain or np.all(received == plain)
    assert isinstance(received, type(plain))


def test_a_namedtuple_keeps_its_names() -> None:
    received = crossed(Pair(75.0, -12.0))
    assert (received.slope, received.bias) == received
    with pytest.raises(AttributeError):
        received.other  # noqa: B018
    assert crossed(torch.max(torch.eye(2), 1)).indices.dtype == "int64"


class OwnTensor(torch.Tensor):
    @classmethod
    def __torch_function__(cls, *args: Any, **kwargs: Any) -> Any:
        raise RuntimeError("hostile")


@pytest.mark.parametrize(
    "tensor",
    [
        torch.nn.Parameter(torch.tensor([1.0, 2.0])),
        torch.tensor([1.0, 2.0]).as_subclass(OwnTensor),
        torch.tensor([1.0, 2.0]).to_sparse(),
        torch.tensor([1.0, 2.0], dtype=torch.float32, requires_grad=True),
        torch.tensor([1.0, 2.0], dtype=torch.float8_e5m2),
        torch.tensor([2.0, 1.0]).flip(0),
    ],
    ids=["parameter", "subclass", "sparse", "graph", "float8", "flipped"],
)
def test_every_tensor_is_a_tensor(tensor: torch.Tensor) -> None:
    data = np.array([1, 2], np.float32).tobytes()
    assert crossed(tensor) == Tensor("torch", "float32", (2,), data)


class Model(torch.nn.Module):
    def __len__(self) -> int:
        return 2


class Attributes(dict[str, Any]):
    def __getattr__(self, name: str) -> Any:
        return self[name]


class Money:
    def __float__(self) -> float:
        return 75.0


def endless() -> Iterator[int]:
    while True:
        yield 1


class Lying(tuple[Any, ...]):
    def __iter__(self) -> Iterator[Any]:
        return endless()


class Raising(list[Any]):
    def __iter__(self) -> Iterator[Any]:
        raise RuntimeError("no")


class Endless(Sequence[int]):
    def __len__(self) -> int:
        return 10**9

    def __getitem__(self, index: Any) -> Any:
        return 1


@pytest.mark.parametrize(
    "value",
    [Model(), torch.nn.ModuleList(), Attributes(a=1), Money(), endless(), map(abs, [1]), Lying([1]),
     Raising([1]), Endless(), range(10**9), Fraction(10**6000), 10**6000, object(), len, int, math,
     torch.ones(1, device="meta"), {object(): 1}, {(1, object())}, {torch.ones(1)}, Shape(1),
     pd.Series([object()]), pd.Series(pd.period_range("2020", periods=2)), set(range(70_000)),
     np.array([1], [("a", object)])],
    ids=lambda value: type(value).__name__,
)  # fmt: skip
def test_what_is_used_as_an_object_or_has_no_end_stays(value: Any) -> None:
    assert isinstance(crossed(value), Ref)


def test_containers_are_bounded_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(values, "MAX_ITEMS", 50)
    twice: Any = [1, 2]
    for _ in range(20):
        twice = [twice, twice]
    with pytest.raises(WireError, match="too large"):
        lower(twice, store)
    with pytest.raises(WireError, match="too large"):
        lower(torch.zeros(1, 1).expand(10**5, 10**5), store)


class Array:
    def __array__(self, dtype: Any = None, copy: Any = None) -> Any:
        return np.ones(2)


class Item:
    def item(self) -> Any:
        return np.float32(75)


class Index:
    def __index__(self) -> int:
        return 75


class Both:
    def __len__(self) -> int:
        return 2

    def __iter__(self) -> Iterator[float]:
        return iter([75.0, -12.0])


class Empty(Both):
    def __iter__(self) -> Iterator[float]:
        return iter([])


@pytest.mark.parametrize(
    ("value", "wanted", "plain"),
    [
        (Money(), "number", 75.0),
        (Money(), "any", 75.0),
        (Item(), "number", 75.0),
        (Index(), "number", 75),
        (Both(), "items", [75.0, -12.0]),
        (Both(), "any", [75.0, -12.0]),
        (Array(), "any", Tensor("numpy", "float64", (2,), np.ones(2).tobytes())),
        (Shape(2.0), "any", (2.0,)),
        (Both(), "number", None),
        (Array(), "number", None),
        (Empty(), "items", None),
        (endless(), "items", None),
        (Endless(), "items", None),
        (Fraction, "any", None),
        (Model(), "number", None),
    ],
)
def test_an_object_is_taken_by_what_it_can_do(value: Any, wanted: str, plain: Any) -> None:
    taken = take(value, store, wanted)
    assert isinstance(taken, Ref) if plain is None else taken == plain


def test_a_tensor_of_bfloat16_comes_back_as_one() -> None:
    tensor = torch.tensor([1.5, -2.0], dtype=torch.bfloat16)
    assert torch.equal(there_and_back(tensor), tensor)


def there_and_back(value: Any) -> Any:
    """Return what the student's process gets of what it gave."""
    return values.lift(crossed(value), lambda ref: None)


DTYPES = (
    st_numpy.boolean_dtypes()
    | st_numpy.integer_dtypes(endianness="?")
    | st_numpy.unsigned_integer_dtypes(endianness="?")
    | st_numpy.floating_dtypes(sizes=(16, 32, 64), endianness="?")
    | st_numpy.complex_number_dtypes(sizes=(64, 128))
    | st_numpy.datetime64_dtypes()
    | st_numpy.timedelta64_dtypes()
    | st_numpy.byte_string_dtypes(min_len=1, max_len=3)
    | st_numpy.unicode_string_dtypes(min_len=1, max_len=3)
)
SHAPES = st_numpy.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=3)


STRUCTURED = st.lists(DTYPES, min_size=1, max_size=3).map(
    lambda found: np.dtype([(f"f{n}", dtype, (2,) * n) for n, dtype in enumerate(found)])
)


@given(st_numpy.arrays(DTYPES | STRUCTURED, SHAPES))
def test_an_array_of_any_dtype_is_the_same_on_the_other_side(given: Any) -> None:
    found = there_and_back(given)
    assert type(found) is np.ndarray
    assert (found.dtype, found.shape) == (given.dtype.newbyteorder("<"), given.shape)
    assert found.tobytes() == given.astype(found.dtype).tobytes()


def test_what_numpy_alone_has_becomes_the_widest_that_all_have() -> None:
    assert there_and_back(np.ones(2, np.longdouble)).dtype == np.float64
    assert there_and_back(np.ones(2, np.clongdouble)).dtype == np.complex128


@pytest.mark.parametrize("shape", [(), (0,), (2, 0), (2, 3)])
@pytest.mark.parametrize(
    "dtype",
    [torch.bool, torch.uint8, torch.uint16, torch.uint64, torch.int8, torch.int64, torch.float16,
     torch.bfloat16, torch.float32, torch.float64, torch.complex64, torch.complex128],
)  # fmt: skip
def test_a_tensor_of_any_dtype_is_the_same_on_the_other_side(
    dtype: torch.dtype, shape: tuple[int, ...]
) -> None:
    tensor = torch.ones(shape).to(dtype)
    found = there_and_back(tensor)
    assert found.dtype == dtype
    assert torch.equal(found, tensor)


OBJECTS = [None, "a", True, 2.5, (1, "b"), [1, [2]], {"k": 1}, datetime.date(2020, 1, 1), pd.NA]
COLUMNS = {
    "int64": pd.Series([1, 2, 3]),
    "float32": pd.Series([1, math.nan, 3], dtype="float32"),
    "float16": pd.Series([1, 2, 3], dtype="float16"),
    "bool": pd.Series([True, False]),
    "complex": pd.Series([1j, 2]),
    "text": pd.Series(["a", None, "ü"]),
    "text with NA": pd.Series(["a", None], dtype="string"),
    "objects": pd.Series(OBJECTS, dtype=object),
    "Int64": pd.Series([1, None, 2**62], dtype="Int64"),
    "UInt8": pd.Series([1, None], dtype="UInt8"),
    "Float32": pd.Series([1.5, None], dtype="Float32"),
    "boolean": pd.Series([True, None], dtype="boolean"),
    "dates": pd.Series(pd.to_datetime(["2020-01-01", None])),
    "dates in s": pd.Series(np.array(["2020-01-01", "NaT"], "M8[s]")),
    "time zone": pd.Series(pd.date_range("2020-03-28", periods=3, tz="Europe/Berlin")),
    "UTC": pd.Series(pd.date_range("2020-03-28", periods=3, tz="UTC")),
    "offset": pd.Series(pd.date_range("2020", periods=2, tz=datetime.timezone(datetime.timedelta(hours=2)))),
    "durations": pd.Series(pd.to_timedelta([1, None], "s")),
    "categories": pd.Series(pd.Categorical(["b", None, "a"], ["b", "a", "c"], ordered=True)),
    "numbered categories": pd.Series(pd.Categorical([3, 1, 3])),
    "named": pd.Series([1, 2], [("a", 1), ("b", 2)], name=("x", 1)),
    "empty": pd.Series([], dtype="int8"),
    "sorted by date": pd.Series([1, 2], pd.date_range("2020", periods=2, name="day")),
    "many rows": pd.Series(np.arange(100_000)),
}  # fmt: skip


@pytest.mark.parametrize("column", COLUMNS)
def test_a_series_of_any_dtype_is_the_same_on_the_other_side(column: str) -> None:
    given = COLUMNS[column]
    found = there_and_back(given)
    assert type(found) is pd.Series
    pd.testing.assert_series_equal(found, given, check_freq=False)


FRAMES = {
    "all columns": pd.DataFrame({name: column.head(2).reset_index(drop=True) for name, column in COLUMNS.items() if len(column) > 1}),
    "one dtype": pd.DataFrame(np.arange(6.0).reshape(2, 3), ["x", "y"], ["a", "b", "c"]),
    "two of a name": pd.DataFrame([[1, "a", 2.5]], columns=["a", "a", "b"]),
    "empty": pd.DataFrame(),
    "no rows": pd.DataFrame({"a": pd.Series([], dtype="int8"), "b": pd.Series([], dtype="str")}),
    "no columns": pd.DataFrame(index=["a", "b"]),
    "levels": pd.DataFrame({"v": [1, 2, 3], "k": [1, 1, 2], "l": ["a", "b", None]}).set_index(["k", "l"]),
    "levels of columns": pd.DataFrame([[1, 2]], columns=pd.MultiIndex.from_product([["a"], [1, 2]], names=["x", None])),
    "numbered columns": pd.DataFrame(np.eye(2), columns=pd.RangeIndex(2, name="n")),
    "grouped": pd.DataFrame({"k": ["a", "b", "a"], "v": [1, 2, 3]}).groupby("k").agg(["mean", "count"]),
    "wide": pd.DataFrame(np.zeros((2, 5000), "uint8")).assign(label="a"),
}  # fmt: skip


@pytest.mark.parametrize("frame", FRAMES)
def test_a_data_frame_is_the_same_on_the_other_side(frame: str) -> None:
    given = FRAMES[frame]
    found = there_and_back(given)
    assert type(found) is pd.DataFrame
    pd.testing.assert_frame_equal(found, given)


class OwnFrame(pd.DataFrame):
    @property
    def _constructor(self) -> Any:
        raise RuntimeError("hostile")


def test_a_subclass_of_a_data_frame_is_a_data_frame() -> None:
    assert type(crossed(OwnFrame({"a": [1]}))) is pd.DataFrame


@pytest.mark.parametrize(
    "index",
    [
        pd.Index(["a", "b"], name="n"),
        pd.Index([1.5, math.nan]),
        pd.CategoricalIndex(["a", "b"]),
        pd.DatetimeIndex(["2020-01-01"], tz="UTC"),
        pd.RangeIndex(1, 9, 2),
        pd.MultiIndex.from_tuples([], names=["a", "b"]),
    ],
    ids=lambda index: type(index).__name__,
)
def test_an_index_is_the_same_on_the_other_side(index: Any) -> None:
    pd.testing.assert_index_equal(there_and_back(index), index)


@pytest.mark.parametrize(
    "value",
    [
        {1, "a", (2, None)},
        frozenset([1]),
        {2: "b", "a": [1], None: {}},
        Fraction(1, 3),
        range(0, 9, 2),
        slice(None, -1),
        datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC),
        2**999,
        1j,
        b"\xff",
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_is_plain_is_the_same_on_the_other_side(value: Any) -> None:
    found = there_and_back(value)
    assert found == value
    assert type(found) is type(value)


def test_what_arrives_is_new_and_may_be_changed() -> None:
    sent = {"s": {1}, "f": pd.DataFrame({"a": [1]}), "o": np.array([None])}
    live = values.lift(sent, lambda ref: None)
    live["s"].add(2)
    live["f"].loc[0, "a"] = 2
    live["o"][0] = 2
    assert (sent["s"], sent["f"]["a"].item(), sent["o"][0]) == ({1}, 1, None)


def test_a_namedtuple_arrives_as_one() -> None:
    found = there_and_back(Pair(75.0, -12.0))
    assert found._replace(bias=1.0) == (75.0, 1.0)
    assert found._fields == ("slope", "bias")


@pytest.mark.parametrize("form", ["csr_array", "csc_matrix", "coo_array"])
def test_a_sparse_matrix_of_a_suite_arrives_as_one(form: str) -> None:
    given = getattr(scipy.sparse, form)(np.eye(3)[:2])
    found = values.lift(
        wire.decode(*wire.encode(kinds.simplified(given, lambda part: part))), store
    )
    assert type(found).__name__ == form
    assert (found.toarray() == given.toarray()).all()
