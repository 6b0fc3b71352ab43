"""What changes in place in one process is taken over in another."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from typing import Any

import numpy as np
import pytest
import torch

from autograder.sandbox.worker.changes import change, is_changeable, state_of

VALUES: dict[str, tuple[Any, Callable[[Any], Any]]] = {
    "a list": ([3, 1, 2], lambda x: x.sort()),
    "a longer list": ([3], lambda x: x.extend([1, 2])),
    "a shorter list": ([3, 1], lambda x: x.pop()),
    "a list of lists": ([[1, 2], [3]], lambda x: x[1].append(4)),
    "a dict": ({"a": 1, "b": 2}, lambda x: x.pop("a")),
    "a dict of lists": ({"a": [1]}, lambda x: x["a"].append(2)),
    "a set": ({1, 2}, lambda x: x.add(3)),
    "bytes": (bytearray(b"abc"), lambda x: x.extend(b"d")),
    "an array": (np.arange(3), lambda x: x.fill(7)),
    "a list with an array": ([np.zeros(2)], lambda x: x.__setitem__(0, np.ones(3))),
    "a tensor": (torch.zeros(2), lambda x: x.add_(1)),
}


@pytest.mark.parametrize("name", VALUES)
def test_a_value_becomes_what_it_has_become_elsewhere(name: str) -> None:
    here, alter = VALUES[name]
    there = deepcopy(here)
    before = state_of(here)
    assert is_changeable(here)
    assert state_of(there) == before
    alter(there)
    assert state_of(there) != before
    change(here, there)
    assert state_of(here) == state_of(there)


def test_what_stands_in_a_container_stays_the_same_object() -> None:
    inner = [1]
    outer = [inner, {"a": inner}]
    change(outer, [[1, 2], {"a": [1, 2]}])
    assert outer[0] is inner
    assert inner == [1, 2]


@pytest.mark.parametrize("pair", [([1], (1,)), ([1], {"a": 1}), (np.zeros(2), [0, 0])])
def test_a_value_does_not_become_something_else(pair: tuple[Any, Any]) -> None:
    with pytest.raises(TypeError, match="cannot become"):
        change(*pair)


@pytest.mark.parametrize("value", [1, "a", (1, [2]), len, None])
def test_what_cannot_change_is_left_alone(value: Any) -> None:
    assert not is_changeable(value)
