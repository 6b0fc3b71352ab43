"""The diagnosis: the simplest known mistake that fits all that the tests saw, or none."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import pytest

from autograder.diagnosis.matching import (
    ONE_OF,
    Candidates,
    KnownSignatures,
    Lookup,
    Signature,
    Traces,
    accountable,
    any_of,
    begins_alike,
    explain,
    findings,
    fits,
    follows_from,
    not_filled_in,
    shows_both,
    telling,
)
from autograder.diagnosis.misconception import Misconception, Variant
from autograder.diagnosis.observations import Observation, Trace
from autograder.record import Outcome, TaskScore, TestResult

REFERENCE = {
    "test_a": (Observation("number", 1.0), Observation("number", 2.0)),
    "test_b": (Observation("number", 3.0),),
}


def numbers(*values: float) -> Trace:
    return tuple(Observation("number", value) for value in values)


def mistake(name: str, loses: str = "a", task: str = "task") -> Misconception:
    return Misconception(name, task, (), f"{name} happened.", "Why.", "Look.", loses)


def expected(*names: str, **traces: Trace) -> Signature:
    """Return what the tests would see of misconceptions, which is right where nothing is given."""
    seen = REFERENCE | {f"test_{test}": trace for test, trace in traces.items()}
    return Signature(Variant(tuple(mistake(name) for name in names), " ".join(names)), seen)


def result(name: str, outcome: Outcome, task: str = "task") -> TestResult:
    return TestResult(f"test_{name}", task, name, outcome, 1.0)


A_FAILED = (result("a", "failed"), result("b", "passed"))


def name_of(variants: Sequence[Variant]) -> str | None:
    return variants[0].name if variants else None


def test_what_fits_in_every_test_explains() -> None:
    traces = {"test_a": numbers(1, 5), "test_b": numbers(3)}
    candidates = [expected("first", a=numbers(1, 4)), expected("second", a=numbers(1, 5))]
    assert name_of(explain(A_FAILED, traces, candidates)) == "second"


def test_what_fits_in_one_test_only_does_not() -> None:
    traces = {"test_a": numbers(1, 5), "test_b": numbers(3)}
    assert explain(A_FAILED, traces, [expected("other", a=numbers(1, 5), b=numbers(0))]) == []
    assert explain(A_FAILED, traces, []) == []


def test_a_failed_test_saw_only_the_beginning() -> None:
    traces = {"test_a": numbers(0), "test_b": numbers(3)}
    assert name_of(explain(A_FAILED, traces, [expected("early", a=numbers(0, 7))])) == "early"


def test_a_test_that_passed_saw_everything_up_to_its_end() -> None:
    results = (result("a", "failed"), result("b", "passed"))
    traces = {"test_a": numbers(0), "test_b": ()}
    assert explain(results, traces, [expected("early", a=numbers(0, 7))]) == []


def test_among_several_the_first_is_named() -> None:
    traces = {"test_a": numbers(0), "test_b": numbers(3)}
    candidates = [expected(name, a=numbers(0, 7)) for name in ("likely", "unlikely")]
    assert name_of(explain(A_FAILED, traces, candidates)) == "likely"
    assert name_of(explain(A_FAILED, traces, candidates[::-1])) == "unlikely"


def test_where_one_of_several_happened_all_are_named_or_none() -> None:
    one, other, third, more = (expected(n, a=numbers(0)).variant for n in "abcd")
    assert any_of([one, one], A_FAILED) == findings(one.misconceptions, A_FAILED)
    head, first, second = any_of([one, other, one], A_FAILED)
    assert (head.text, head.misconception) == (ONE_OF, "")
    assert (first.misconception, second.misconception) == ("a", "b")
    assert (first.text[:3], second.text[:3]) == ("1. ", "2. ")
    assert any_of([one, other, third, more], A_FAILED) == ()
    pair = Variant((*one.misconceptions, *other.misconceptions), "")
    assert any_of([pair, third], A_FAILED) == ()
    assert any_of([pair, one], A_FAILED) == ()


def test_what_all_pairs_that_explain_have_in_common_is_certain() -> None:
    pairs = [expected("a", name, a=numbers(0)).variant for name in "bcd"]
    certain, head, *each = any_of(pairs[:2], A_FAILED)
    assert (certain.misconception, head.text) == ("a", ONE_OF)
    assert [one.misconception for one in each] == ["b", "c"]
    assert any_of([*pairs, expected("e", "f").variant], A_FAILED) == ()


def test_mistakes_that_read_alike_are_named_once() -> None:
    one = expected("one", a=numbers(0)).variant
    alike = replace(one.misconceptions[0], name="other")
    assert any_of([one, Variant((alike,), "")], A_FAILED) == findings(one.misconceptions, A_FAILED)


def test_all_answers_tell_mistakes_apart_where_a_test_judged_only_right_ones() -> None:
    answers = Observation("answers", [Observation("values", 5.0)])
    traces = {"test_a": (*numbers(1), answers), "test_b": numbers(3)}
    reference = REFERENCE | {"test_a": (*REFERENCE["test_a"], all_answers(1.0, 2.0))}
    told = telling(A_FAILED, traces, reference)
    assert told == traces
    assert accountable(A_FAILED, told, reference)
    same = {"test_a": (*numbers(1), all_answers(1.0)), "test_b": numbers(3)}
    assert not accountable(A_FAILED, telling(A_FAILED, same, reference), reference)
    fitting = expected("fits", a=(*numbers(1, 2), all_answers(5.0, 6.0)))
    other = expected("other", a=(*numbers(1, 2), all_answers(7.0, 6.0)))
    assert name_of(explain(A_FAILED, told, [other, fitting])) == "fits"
    judged = {"test_a": (*numbers(0), answers), "test_b": numbers(3)}
    told = telling(A_FAILED, judged, reference)
    assert [seen.kind for seen in told["test_a"]] == ["number", "background"]
    reshaped = Observation("form", [0.0])
    alike = expected("alike", a=(reshaped, all_answers(5.0)))
    different = expected("different", a=(reshaped, all_answers(7.0)))
    assert name_of(explain(A_FAILED, told, [different, alike])) == "alike"


def all_answers(*values: float) -> Observation:
    return Observation("answers", [Observation("values", value) for value in values])


def test_weak_observations_break_ties() -> None:
    one, two = (Observation("weak", [number]) for number in (1.0, 2.0))
    traces = {"test_a": (two, *numbers(0)), "test_b": numbers(3)}
    candidates = [
        expected("first", a=(one, *numbers(0, 7))),
        expected("second", a=(two, *numbers(0, 7))),
        expected("third", a=(two, *numbers(0, 7))),
    ]
    assert name_of(explain(A_FAILED, traces, candidates)) == "second"


def test_weak_observations_alone_exclude_nothing() -> None:
    one, two = (Observation("weak", [number]) for number in (1.0, 2.0))
    traces = {"test_a": (two, *numbers(0)), "test_b": numbers(3)}
    assert name_of(explain(A_FAILED, traces, [expected("only", a=(one, *numbers(0, 7)))])) == "only"


def test_skipped_tests_and_grader_errors_are_left_out() -> None:
    for outcome in ("skipped", "error"):
        results = (result("a", "failed"), result("b", outcome))
        candidates = [expected("known", a=numbers(0, 7), b=numbers(9))]
        assert name_of(explain(results, {"test_a": numbers(0)}, candidates)) == "known"


# whether there is anything to explain


def test_a_failure_with_right_answers_only_has_another_reason() -> None:
    assert not accountable(A_FAILED, {"test_a": numbers(1)}, REFERENCE)  # then a time limit
    assert not accountable(A_FAILED, {"test_a": ()}, REFERENCE)
    assert not accountable(A_FAILED, {}, REFERENCE)


def test_a_failure_with_a_wrong_answer_or_an_exception_is_accounted_for() -> None:
    assert accountable(A_FAILED, {"test_a": numbers(1, 3)}, REFERENCE)
    raised = Observation("raised", ("ValueError", "no"))
    assert accountable(A_FAILED, {"test_a": (*numbers(1), raised)}, REFERENCE)
    assert accountable((result("b", "passed"), result("a", "skipped")), {}, REFERENCE)


def test_an_exception_is_wrong_also_where_nobody_knows_what_is_right() -> None:
    unknown = {"test_a": (Observation("unknown", None),)}
    raised = (Observation("raised", ("ValueError", "no")),)
    assert accountable(A_FAILED, {"test_a": raised}, unknown)
    assert not accountable(A_FAILED, {"test_a": numbers(3)}, unknown)


def test_one_unaccountable_failure_is_enough() -> None:
    results = (result("a", "failed"), result("b", "failed"))
    traces = {"test_a": numbers(0), "test_b": ()}
    assert not accountable(results, traces, REFERENCE)


def test_what_is_not_filled_in_is_told_from_what_is_wrong() -> None:
    missing = (Observation("raised", ("NotImplementedError", "")),)
    text = "\"bitwise_xor_cpu\" not implemented for 'Float'"
    wrong = (Observation("raised", ("NotImplementedError", text)),)
    failed = [result("a", "failed"), result("b", "failed")]
    assert not_filled_in(failed, {"test_a": numbers(1), "test_b": missing})
    assert not not_filled_in(failed, {"test_a": numbers(1), "test_b": wrong})
    assert not not_filled_in([result("a", "passed")], {"test_a": missing})


def test_a_candidate_fits_a_test_by_what_it_saw() -> None:
    candidate = expected("wrong", a=numbers(0, 7))
    assert fits(result("a", "failed"), {"test_a": numbers(0)}, candidate)
    assert not fits(result("a", "passed"), {"test_a": numbers(0)}, candidate)
    assert not fits(result("a", "failed"), {"test_a": numbers(1)}, candidate)
    assert fits(result("b", "passed"), {"test_b": numbers(3)}, candidate)


# pairs


def test_a_beginning_is_alike_as_far_as_it_was_observed() -> None:
    assert begins_alike(numbers(1, 5), 1, numbers(1))
    assert begins_alike(numbers(1), 2, numbers(1, 2))
    assert not begins_alike(numbers(1, 5), 2, numbers(1, 2))
    assert not begins_alike(numbers(1, 5), 2, numbers(1))


def test_what_is_known_of_the_whole_test_is_its_beginning_too() -> None:
    one = expected("a", a=numbers(1, 2))
    one.begun.update(test_a=(1, numbers(1)), b=(1, numbers(5)))
    assert one.beginning("test_a", 1) == one.beginning("test_a", 3) == numbers(1, 2)
    assert (one.beginning("b", 1), one.beginning("b", 2)) == (numbers(5), None)


def test_a_pair_whose_mistakes_show_in_different_tests_shows_both() -> None:
    one, other = expected("one", a=numbers(0, 2)), expected("other", b=numbers(0))
    both = expected("one", "other", a=numbers(0, 2), b=numbers(0))
    assert shows_both(both, [one, other], REFERENCE)


def test_a_pair_in_which_one_hides_the_other_does_not() -> None:
    one, other = expected("one", a=numbers(0, 2)), expected("other", a=numbers(1, 9))
    both = expected("one", "other", a=numbers(0, 9))  # the test stops at the first
    assert not shows_both(both, [one, other], REFERENCE)


def test_a_pair_that_cancels_does_not() -> None:
    one, other = expected("one", a=numbers(-1, 2)), expected("other", a=numbers(-1, 2))
    assert not shows_both(expected("one", "other"), [one, other], REFERENCE)


# what the student reads


def test_each_misconception_is_a_finding_and_the_first_says_where_it_raised() -> None:
    both = expected("one", "other").variant.misconceptions
    raised = replace(result("a", "failed"), source_location=(4, 2, "p.grad.zero_()"))
    one, other = findings(both, (result("b", "passed"), raised))
    assert (one.misconception, other.misconception) == ("one", "other")
    assert one.text == ("one happened.\nWhy.\nLook.\n  in cell 4, line 2: `p.grad.zero_()`")
    assert other.text == "other happened.\nWhy.\nLook."


@pytest.mark.parametrize(
    ("failed", "causes"),
    [
        ("a", "forward"),
        ("b", "step"),
        ("a b", "forward and step"),
        ("a c", None),  # nobody's
        ("c", None),
        ("", None),
    ],
)
def test_a_task_follows_from_those_that_lose_all_its_failed_tests(
    failed: str, causes: str | None
) -> None:
    found = {
        "forward": Variant((mistake("one", "a shape", task="forward"),), ""),
        "step": Variant((mistake("other", "b loss", task="step"),), ""),
        "gradients": Variant((mistake("third", "headline", task="gradients"),), ""),
    }
    results = [result(n, "failed" if n in failed.split() else "passed", "last") for n in "abc"]
    finding = follows_from(results, found)
    if causes is None:
        assert finding is None
    else:
        assert finding is not None
        assert finding.text.startswith(f"This follows from what was found in {causes}.\n")
        assert finding.misconception == ""


# mistakes that nobody has told apart


class Known(Lookup):
    """Knows mistakes in one task."""

    known = KnownSignatures({}, {})

    def __init__(self, *groups: Candidates) -> None:
        self.groups = groups

    def of_reference(self, task: str) -> Traces:
        return REFERENCE

    def candidates(self, task: TaskScore, traces: Traces) -> Iterator[Candidates]:
        yield from self.groups


def named(lookup: Known, value: float) -> tuple[str, ...]:
    """Return the names that a task gets whose first test saw a number."""
    traces = {"test_a": numbers(1, value), "test_b": numbers(3)}
    (task,) = lookup.explain([TaskScore("task", 2.0, A_FAILED)], traces)
    return task.misconceptions


def general(value: float, *names: str) -> Candidates:
    return Candidates([expected(n, a=numbers(1, value)) for n in names], told_apart=False)


def test_the_suites_own_mistakes_come_first_and_the_first_of_them_is_named() -> None:
    own = Candidates([expected(n, a=numbers(1, 0.6931)) for n in ("own", "other")], True)
    assert named(Known(own, general(0.6931, "library")), 0.6931) == ("own",)
    assert named(Known(own, general(0.2718, "library")), 0.2718) == ("library",)


def test_of_the_librarys_mistakes_all_that_fit_are_named_or_none() -> None:
    assert named(Known(general(0.6931, "one", "two", "three")), 0.6931) == ("one", "two", "three")
    assert named(Known(general(0.6931, "one", "two", "three", "four")), 0.6931) == ()


def test_of_too_many_those_as_common_as_the_first_are_named() -> None:
    some = [expected(name, a=numbers(1, 0.6931)) for name in ("one", "two", "three", "four")]
    ranked = [
        Signature(
            Variant(
                (replace(mistake("m"), name=one.variant.name, happened=str(i), rank=i // 2),), ""
            ),
            one.traces,
        )
        for i, one in enumerate(some)
    ]
    assert named(Known(Candidates(ranked, told_apart=False)), 0.6931) == ("one", "two")


def test_a_simple_number_is_explained_only_by_one_single_mistake() -> None:
    assert named(Known(general(0.5, "one")), 0.5) == ("one",)
    assert named(Known(general(0.5, "one", "two")), 0.5) == ()
    for value, names in ((0.5, ()), (0.6931, ("one", "two"))):
        pair = Candidates([expected("one", "two", a=numbers(1, value))], told_apart=False)
        assert named(Known(pair), value) == names


@pytest.mark.parametrize("value", [0.0, 1.0, -1.0])
def test_what_nearly_any_mistake_may_lead_to_is_not_explained(value: float) -> None:
    traces = {"test_a": numbers(value), "test_b": numbers(3)}
    reference = {"test_a": numbers(0.3), "test_b": numbers(3)}
    known = Candidates([replace(expected("one"), traces=traces)], told_apart=False)

    class Trivial(Known):
        def of_reference(self, task: str) -> Traces:
            return reference

    (task,) = Trivial(known).explain([TaskScore("task", 2.0, A_FAILED)], traces)
    assert task.misconceptions == ()
    (task,) = Trivial(replace(known, told_apart=True)).explain(
        [TaskScore("task", 2.0, A_FAILED)], traces
    )
    assert task.misconceptions == ("one",)


def test_where_too_many_fit_a_task_still_follows_from_another() -> None:
    cause = Signature(
        Variant((mistake("cause", loses="c", task="other"),), ""), {"test_o": numbers(0)}
    )
    tasks = [
        TaskScore("other", 1.0, (result("o", "failed", "other"),)),
        TaskScore("task", 1.0, (result("c", "failed"),)),
    ]

    class Both(Lookup):
        known = KnownSignatures({}, {})

        def of_reference(self, task: str) -> Traces:
            return {"test_o": numbers(1), "test_c": numbers(1)}

        def candidates(self, task: TaskScore, traces: Traces) -> Iterator[Candidates]:
            many = [replace(expected(n), traces={"test_c": numbers(0.6931)}) for n in "abcd"]
            own = task.name == "other"
            yield Candidates([cause] if own else many, told_apart=own)

    traces = {"test_o": numbers(0), "test_c": numbers(0.6931)}
    _, follows = Both().explain(tasks, traces)
    assert follows.findings[0].startswith("This follows from what was found in other.")
