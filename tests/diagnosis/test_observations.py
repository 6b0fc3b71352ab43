"""Traces: two answers are the same when the judge would treat them the same."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.diagnosis.observations import (
    Kind,
    Observation,
    agrees,
    derived,
    elements,
    is_telling,
    is_trivial,
    observe,
    observe_weakly,
    recording,
    same,
    weak_agreement,
)
from autograder.sandbox.worker import wire
from autograder.sandbox.worker.values import lower
from autograder.sandbox.worker.wire import Ref, Tensor
from autograder.testing import Mismatch, array, number, numbers, values
from autograder.testing.student import Remote
from tests.testing.test_hostile_answers import HostileRun

KINDS: tuple[Kind, ...] = ("number", "numbers", "values", "array", "weak")


def tensor(contents: Any, dtype: str = "float32", kind: str = "torch") -> Tensor:
    data = np.asarray(contents, dtype)
    return Tensor(kind, dtype, data.shape, data.tobytes())


def raised(type: str, message: str) -> Observation:
    return Observation("raised", (type, message))


ONE, TWO, THREE = (Observation("number", value) for value in (1.0, 2.0, 3.0))


# what counts as the same


@pytest.mark.parametrize(
    "value",
    [3, 3.0, 3.00001, tensor(3), tensor([3.0]), tensor([[3.0]], "float64"), tensor(3, "int64"),
     Tensor("torch", "bfloat16", (), b"\x40\x40")],
)  # fmt: skip
def test_a_number_is_the_same_however_it_comes(value: Any) -> None:
    assert same(Observation("number", value), Observation("number", 3.0))


@pytest.mark.parametrize(
    "value", [3.001, -3.0, None, True, "3", math.nan, tensor([3.0, 3.0]), b"3"]
)
def test_another_number_or_no_number_is_not(value: Any) -> None:
    assert not same(Observation("number", value), Observation("number", 3.0))


def test_numbers_are_the_same_in_a_tuple_a_list_and_a_tensor() -> None:
    for pair in ((1.0, 2.0), [1, 2], [tensor(1), tensor([2.0])], tensor([1.0, 2.0])):
        assert same(Observation("numbers", pair), Observation("numbers", (1.0, 2.0)))
        assert not same(Observation("numbers", pair), Observation("numbers", (2.0, 1.0)))
    assert same(Observation("numbers", (None, 2.0)), Observation("numbers", [None, 5.0]))
    assert not same(Observation("numbers", (None, 2.0)), Observation("numbers", (2.0, None)))
    assert not same(Observation("numbers", ()), Observation("numbers", None))


def test_of_an_array_shape_and_dtype_count_and_of_values_only_the_elements() -> None:
    flat, column = tensor([1.0, 2.0]), tensor([[1.0], [2.0]])
    assert same(Observation("values", flat), Observation("values", column))
    assert not same(Observation("array", flat), Observation("array", column))
    assert not same(Observation("array", flat), Observation("array", tensor([1.0, 2.0], "float64")))
    assert same(Observation("values", flat), Observation("values", tensor([1.0, 2.0], "float64")))
    for kind in ("values", "array"):
        assert not same(
            Observation(kind, flat), Observation(kind, tensor([1.0, 2.0], kind="numpy"))
        )


FRAME = pd.DataFrame({"price": [1.0, 3.0], "name": ["a", "b"]})


@pytest.mark.parametrize(
    "value",
    [
        FRAME,
        FRAME["price"],
        FRAME.columns,
        tensor([1j, 2], "complex64"),
        1j,
        date(2020, 1, 1),
        np.datetime64(1, "s"),
        Tensor("numpy", "U1", (1,), "a".encode("utf-32-le")),
        np.array([None, "a"], object),
        {1, "a"},
        range(3),
    ],
    ids=lambda value: type(value).__name__,
)
def test_values_of_every_kind_are_told_apart(value: Any) -> None:
    others = [
        FRAME * 2,
        FRAME.rename(columns={"price": "cost"}),
        FRAME["price"] + 1,
        FRAME["name"],
        pd.Index(["a", "b"]),
        tensor([1, 2], "complex64"),
        2j,
        date(2020, 1, 2),
        np.datetime64(2, "s"),
        Tensor("numpy", "U1", (1,), "b".encode("utf-32-le")),
        np.array([None, 2.5], object),
        {1, "b"},
        range(4),
    ]
    again = wire.decode(*wire.encode(value))
    assert same(Observation("values", value), Observation("values", again))
    assert not any(same(Observation("values", value), Observation("values", o)) for o in others)


def test_an_exact_number_is_the_same_as_a_float() -> None:
    for exact in (Decimal("0.5"), Fraction(1, 2)):
        assert same(Observation("number", exact), Observation("number", 0.5))
        assert not same(Observation("number", exact), Observation("number", 0.6))


def test_tables_are_the_same_within_the_tolerance() -> None:
    near = FRAME.assign(price=[1.0, 3.0 + 1e-7])
    assert same(Observation("values", near), Observation("values", FRAME))


def test_nan_is_like_nan_and_infinity_like_infinity() -> None:
    for value in (math.nan, math.inf, -math.inf):
        assert same(Observation("number", value), Observation("number", tensor(value)))
        assert not same(Observation("number", value), Observation("number", 0.0))
    assert not same(Observation("number", math.inf), Observation("number", -math.inf))


def test_what_stays_in_the_child_is_the_same_to_a_test_and_on_the_wire_by_its_type() -> None:
    remote = Remote(HostileRun(0), Ref(7, "Linear", callable=False))  # type: ignore[arg-type]
    assert same(
        Observation("number", remote), Observation("number", Ref(0, "Linear", callable=True))
    )
    assert not same(
        Observation("number", remote), Observation("number", Ref(7, "method", callable=True))
    )
    assert not same(Observation("number", remote), Observation("number", "Linear"))


def test_numbers_too_large_to_subtract_can_be_compared() -> None:
    large, other = tensor([1.7e308, -1.7e308], "float64"), tensor([-1.7e308, 1.7e308], "float64")
    assert same(Observation("values", large), Observation("values", large))
    assert not same(Observation("values", large), Observation("values", other))


def test_answers_of_another_kind_are_not_the_same_and_unknown_ones_are() -> None:
    assert not same(Observation("number", 1.0), Observation("numbers", 1.0))
    assert same(Observation("unknown", None), Observation("number", 1.0))
    assert same(raised("ValueError", "no"), Observation("unknown", None))


def test_what_is_no_number_is_the_same_by_its_type_however_it_is_judged() -> None:
    one, other = Observation("values", None), Observation("array", None)
    assert same(one, other)
    assert not same(one, Observation("array", Ref(1, "Scaler", False)))
    assert not same(Observation("values", "None"), other)


@given(st.data())
def test_whatever_a_child_answers_can_be_compared(data: st.DataObject) -> None:
    run = HostileRun(data.draw(st.integers(0, 2**32)))
    kind = data.draw(st.sampled_from(KINDS))
    one, other = Observation(kind, without_errors(run)), Observation(kind, without_errors(run))
    assert same(one, one)
    assert same(one, other) in (True, False)


def without_errors(run: HostileRun) -> Any:
    """Return what a hostile process answers when it answers at all."""
    while True:
        try:
            return run.anything()
        except Exception:  # one of its errors
            continue


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("ValueError", "no"), ("ValueError", "no")),
        (
            ("TypeError", "unsupported operand type(s) for *: 'float' and 'NoneType'"),
            ("TypeError", "unsupported operand type(s) for *: 'NoneType' and 'float'"),
        ),
        (
            ("RuntimeError", "The size of tensor a (3) must match the size of tensor b (2) at "
             "non-singleton dimension 1"),
            ("RuntimeError", "The size of tensor a (2) must match the size of tensor b (3) at "
             "non-singleton dimension 1"),
        ),
        (
            ("WrongObject", "The model has no `out.bias`. It has out.weight."),
            ("WrongObject", "The model has no `out.bias`. It has fc.weight, fc.bias."),
        ),
    ],
)  # fmt: skip
def test_exceptions_of_one_cause_are_the_same(one: tuple[str, str], other: tuple[str, str]) -> None:
    assert same(raised(*one), raised(*other))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("ValueError", "no"), ("TypeError", "no")),
        (("RuntimeError", "one thing"), ("RuntimeError", "another thing")),
        (
            ("AttributeError", "'NoneType' object has no attribute 'zero_'"),
            ("AttributeError", "'NoneType' object has no attribute 'item'"),
        ),
        (
            ("RuntimeError", "mat1 and mat2 shapes cannot be multiplied (5x3 and 2x3)"),
            ("RuntimeError", "mat1 and mat2 shapes cannot be multiplied (3x5 and 3x2)"),
        ),
    ],
)
def test_exceptions_of_other_causes_are_not(one: tuple[str, str], other: tuple[str, str]) -> None:
    assert not same(raised(*one), raised(*other))


# what a test sees


def test_an_answer_is_recorded_before_it_is_refused() -> None:
    seen: list[Observation] = []
    with recording(seen):
        number(3.0, "it")
        for judged in (lambda: number("3", "it"), lambda: numbers(None, "it", "a", "b"),
                       lambda: values(1.0, (1,), "it"), lambda: array(None, (1,), "it")):  # fmt: skip
            with pytest.raises(Mismatch):
                judged()
        observe_weakly([1.0])
    number(4.0, "it")  # nobody records it
    assert [(one.kind, one.value) for one in seen] == [
        ("number", 3.0),
        ("number", "3"),
        ("numbers", None),
        ("values", 1.0),
        ("array", None),
        ("weak", [1.0]),
    ]


def test_recordings_can_be_nested_and_each_keeps_its_own() -> None:
    with recording([]) as outer:
        observe("number", 1.0)
        with recording([]) as inner:
            observe("number", 2.0)
        observe("number", 3.0)
    assert (outer, inner) == ([ONE, THREE], [TWO])


# what a test would have seen


def test_a_passed_test_agrees_only_if_it_saw_everything() -> None:
    assert agrees([ONE, TWO], [ONE, TWO], passed=True)
    assert not agrees([ONE], [ONE, TWO], passed=True)
    assert not agrees([ONE, TWO], [ONE], passed=True)


def test_a_failed_test_agrees_as_far_as_it_looked() -> None:
    assert agrees([ONE], [ONE, TWO], passed=False)
    assert agrees([], [ONE, TWO], passed=False)
    assert not agrees([TWO], [ONE, TWO], passed=False)
    assert not agrees([ONE, TWO, THREE], [ONE, TWO], passed=False)


def test_a_test_that_stops_at_a_whole_agrees_with_one_that_finds_a_part_missing() -> None:
    whole, other = {"mean": 1.0}, {"mean": 2.0}
    theirs = [ONE, Observation("form", whole)]
    assert agrees([Observation("values", whole)], theirs, passed=False)
    assert not agrees([Observation("values", other)], theirs, passed=False)
    assert not agrees([TWO, Observation("values", whole)], theirs, passed=False)


def test_an_exception_is_part_of_what_a_test_saw() -> None:
    end = raised("ValueError", "no")
    assert agrees([ONE, end], [ONE, end], passed=False)
    assert not agrees([ONE, end], [ONE, TWO], passed=False)
    assert not agrees([end], [ONE, end], passed=False)


def test_weak_observations_decide_nothing_but_are_counted() -> None:
    right, wrong = Observation("weak", [1.0, 2.0]), Observation("weak", [1.0, 3.0])
    assert agrees([right, ONE], [wrong, ONE], passed=True)
    assert agrees([ONE], [wrong, ONE, right], passed=True)
    assert weak_agreement([right, ONE, right], [right, TWO, wrong]) == 1
    assert weak_agreement([right, ONE], [ONE]) == 0


def test_the_very_same_message_counts_as_a_weak_observation() -> None:
    one, other = (
        raised("TypeError", f"unsupported operand type(s) for {operator}: 'float' and 'NoneType'")
        for operator in "*+"
    )
    assert agrees([one], [other], passed=False)
    assert weak_agreement([one], [one]) == 1
    assert weak_agreement([one], [other]) == 0


@pytest.mark.parametrize("dtype", ["bool", "uint8", "int64", "float16", "float32", "float64"])
def test_elements_are_numbers_of_float64_in_their_shape(dtype: str) -> None:
    found = elements(tensor([[1, 0, 1]], dtype))
    assert found.dtype == np.float64
    assert found.tolist() == [[1.0, 0.0, 1.0]]


def test_bfloat16_is_the_upper_half_of_float32() -> None:
    data = np.array([1.5, -3.0], "<f4").view("<u2")[1::2].tobytes()
    assert elements(Tensor("torch", "bfloat16", (2,), data)).tolist() == [1.5, -3.0]


def test_the_cause_of_an_exception_is_found_out_once(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def advice(_: str, message: str) -> str:
        asked.append(message)
        return ""

    monkeypatch.setattr("autograder.diagnosis.observations.advice", advice)
    one, *others = (Observation("raised", ("ValueError", f"{number}")) for number in range(9))
    assert not any(same(one, other) for other in others)
    assert asked == [str(number) for number in range(9)]


def test_an_integer_that_no_float_can_hold_is_infinite() -> None:
    large = 1 << 16000
    assert Observation("number", large).plain == math.inf
    assert Observation("number", -large).plain == -math.inf
    assert list(Observation("numbers", [large, 2.0]).plain) == [math.inf, 2.0]


# what is computed from an answer


def share(values: Sequence[float]) -> float:
    if len(values) != 2:
        raise ValueError
    return values[0] / values[1]


def test_what_is_computed_from_an_answer_is_observed_with_the_answer() -> None:
    answer = [1.0, 4.0]
    with recording([]) as seen:
        observe("number", derived(answer, share))
        observe("number", 0.25)
    assert (seen[0].value, seen[0].judged, seen[1].how) == (answer, ("number", 0.25), None)
    assert same(seen[0], Observation("number", [2.0, 8.0], share))
    assert not same(seen[0], Observation("number", [2.0, 9.0], share))


def test_what_is_computed_from_that_is_too() -> None:
    answer = [1.0, 4.0]
    with recording([]) as seen:
        observe("number", derived(derived(answer, share), lambda part: 1 - part))
    assert (seen[0].value, seen[0].judged) == (answer, ("number", 0.75))


def test_an_answer_from_which_it_cannot_be_computed_is_compared_itself() -> None:
    other = Observation("number", [1.0, 2.0, 3.0], share)
    assert other.judged == ("values", [1.0, 2.0, 3.0])
    assert same(Observation("values", [1.0, 2.0, 3.0]), other)
    assert not same(Observation("number", 0.25), other)


def test_outside_of_a_test_nothing_is_remembered() -> None:
    assert derived([1.0, 4.0], share) == 0.25
    with recording([]) as seen:
        observe("number", 0.25)
    assert seen[0].how is None


@pytest.mark.parametrize(
    ("ours", "theirs", "agree"),
    [(0.9, 0.95, True), (0.9, 0.5, True), (0.5, 0.6, True), (0.5, 0.9, False), (None, 0.9, False)],
)
def test_a_quality_agrees_unless_it_alone_misses_the_bound(
    ours: Any, theirs: Any, agree: bool
) -> None:
    one, other = (Observation("at least", value, bound=0.8) for value in (ours, theirs))
    assert same(one, other) == agree


@pytest.mark.parametrize(
    ("value", "telling"),
    [
        (0.6931, True),
        (np.array([1.0, 0.31831]), True),
        ({"mean": 0.9333, "name": "knn"}, False),
        ({"mean": 0.9172, "name": "knn"}, True),
        (10 / 7, False),
        (-3.5, False),
        ([1, 0, 2], False),
        (math.inf, False),
        ("text", False),
        (None, False),
    ],
)
def test_a_number_tells_something_unless_it_is_a_simple_fraction(value: Any, telling: bool) -> None:
    seen = tensor(value) if isinstance(value, np.ndarray) else value
    assert is_telling(Observation("values", seen)) == telling
    assert is_telling(Observation("answers", [Observation("values", seen)])) == telling


@pytest.mark.parametrize(
    ("value", "trivial"),
    [(0, True), (1.0, True), ([-1, -1], True), ([0, 1], False), (0.5, False), (math.nan, False)],
)
def test_zero_and_one_are_what_nearly_any_mistake_leads_to(value: Any, trivial: bool) -> None:
    assert is_trivial(Observation("values", value)) == trivial


@pytest.mark.parametrize("value", ["text", None, [], {"a": 0}])
def test_what_is_no_number_is_not_trivial(value: Any) -> None:
    assert not is_trivial(Observation("values", value))


def test_answers_that_pass_agree_within_the_tests_own_tolerance() -> None:
    seen, right = Observation("number", 10.2), Observation("number", 10.0, tolerance=(0.05, 0.0))
    assert agrees((seen,), (right,), passed=True)
    assert not agrees((seen,), (right,), passed=False)
    assert not agrees((replace(seen, value=11.0),), (right,), passed=True)


@pytest.mark.parametrize(
    "value",
    [
        *(np.arange(12).astype(kind).reshape(3, 4) for kind in ("f2", "f4", "i8", "u1", "bool")),
        np.arange(6) + 1j,
        np.array(["a", "b"]),
        [1, 2.5, 3],
        "text",
        {"a": 1, "b": [2.0, 3.0]},
    ],
)
@pytest.mark.parametrize("kind", ["array", "values", "numbers"])
def test_the_first_numbers_are_those_at_the_beginning_of_all(kind: Kind, value: Any) -> None:
    seen = Observation(kind, lower(value, lambda other: Ref(0, type(other).__name__, False)))
    numbers = seen.plain if seen.table is None else seen.table[1]
    expected = [] if isinstance(numbers, str) else numbers.ravel()[:2].tolist()
    assert seen.first(2).tolist() == expected
    if not isinstance(numbers, str) and seen.table is None:
        assert seen.form[1] == numbers.shape


def test_an_array_that_a_test_refuses_is_compared_with_those_that_it_judges() -> None:
    refused = Observation("values", tensor([1.0, 2.0]))
    assert same(refused, Observation("array", tensor([1.0, 2.0])))
    for other in (tensor([[1.0, 2.0]]), tensor([1.0, 3.0]), tensor([1.0, 2.0], "float64")):
        assert not same(refused, Observation("array", other))


@pytest.mark.parametrize("dtype", ["float32", "complex64"])
def test_a_signaling_nan_is_compared_without_a_warning(dtype: str) -> None:
    signaling = bytes.fromhex("0100a07f")
    data = signaling * (np.dtype(dtype).itemsize // 4)
    seen = Observation("array", Tensor("numpy", dtype, (1,), data))
    assert same(seen, seen)


@pytest.mark.parametrize(("atol", "apart"), [(1e-5, False), (0.0, True)])
def test_small_numbers_are_told_apart_where_the_test_tells_them_apart(
    atol: float, apart: bool
) -> None:
    seen, right = (Observation("number", x, tolerance=(1e-4, atol)) for x in (2e-8, 1e-8))
    assert same(seen, right) is not apart
    assert is_telling(seen) is apart
