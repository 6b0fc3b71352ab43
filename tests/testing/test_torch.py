"""`tensor` makes what arrives as a torch tensor, without torch."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from autograder.sandbox.worker.values import lift
from autograder.testing.failures import SuiteError
from autograder.testing.torch import tensor


def arrived(array: Any, dtype: str | None = None) -> torch.Tensor:
    found: torch.Tensor = lift(tensor(array, dtype), lambda ref: None)
    return found


@pytest.mark.parametrize("dtype", ["bool", "uint8", "int64", "float16", "float32", "complex64"])
def test_an_array_arrives_as_a_tensor_of_its_dtype(dtype: str) -> None:
    array = np.array([[0, 1], [2, 3]]).astype(dtype)
    assert torch.equal(arrived(array), torch.from_numpy(array))
    assert torch.equal(arrived(array.tolist(), dtype), torch.from_numpy(array))


def test_bfloat16_is_rounded_as_torch_rounds_it() -> None:
    numbers = np.array([1.5, -1 / 3, 1e38, 1.00390625, 1.01171875, np.inf, np.nan, 0.0], "f4")
    expected = torch.from_numpy(numbers).to(torch.bfloat16)
    assert torch.equal(arrived(numbers, "bfloat16").nan_to_num(7), expected.nan_to_num(7))


def test_text_makes_no_tensor() -> None:
    with pytest.raises(SuiteError, match="no tensor of dtype"):
        tensor(["a"])
