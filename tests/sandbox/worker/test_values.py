"""What is plain once it is taken crosses as plain data; what is used as an object stays."""

from __future__ import annotations

import array
import collections
import enum
import math
from collections.abc import Iterator, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np
import pytest
import torch

from autograder.sandbox.worker import values, wire
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


class Level(enum.IntEnum):
    HIGH = 3


Defaults = collections.defaultdict(int, a=1)


@pytest.mark.parametrize(
    ("value", "plain"),
    [
        (Float(2.5), 2.5),
        (Text("75"), "75"),
        (Level.HIGH, 3),
        (Decimal("2.5"), 2.5),
        (Decimal("1e999999999"), math.inf),
        (Fraction(5, 2), 2.5),
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
        (range(3), [0, 1, 2]),
        (array.array("d", [1, 2]), [1.0, 2.0]),
        (collections.UserList([1]), [1]),
        (collections.UserString("a"), "a"),
        (Own(), [75.0, -12.0]),
        (torch.Size([2, 3]), (2, 3)),
        (collections.OrderedDict(a=1), {"a": 1}),
        (Defaults, {"a": 1}),
        ({1: "one", (2, 3): 4.0}, {1: "one", (2, 3): 4.0}),
        ({1, 2}, {1, 2}),
        (frozenset("ab"), {"a", "b"}),
        (bytearray(b"ab"), b"ab"),
        (np.array([Fraction(5, 2), 3], object), Tensor("numpy", "float64", (2,), np.array([2.5, 3]).tobytes())),
        (np.array(["a", "b"]), ["a", "b"]),
        (np.array([1, 2], np.uint32), Tensor("numpy", "int64", (2,), np.array([1, 2]).tobytes())),
        ([Fraction(1, 2), (Decimal(1),)], [0.5, (1.0,)]),
    ],
)  # fmt: skip
def test_what_is_plain_once_it_is_taken_is_plain(value: Any, plain: Any) -> None:
    received = crossed(value)
    assert received == plain
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
    ],
    ids=["parameter", "subclass", "sparse", "graph", "float8"],
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
     Raising([1]), Endless(), range(10**9), Fraction(10**400), 10**6000, object(), len, int, math,
     np.datetime64(0, "s"), torch.ones(1, device="meta"), {object(): 1}, {(1, object())}],
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
    assert torch.equal(values.lift(lower(tensor, store), lambda ref: None), tensor)
