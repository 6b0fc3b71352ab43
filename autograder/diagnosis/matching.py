"""Finds the simplest known mistake that explains everything the tests saw. Pure functions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from autograder.diagnosis.misconceptions import Variant
from autograder.diagnosis.observations import Trace, agrees, same, weak_agreement
from autograder.record import Finding, TestResult

Traces = Mapping[str, Trace]


@dataclass(frozen=True)
class Signature:
    """What the tests would see of a variant of the reference solution, as far as it is known."""

    variant: Variant
    traces: dict[str, Trace]


MOST = 3  # mistakes that are named where only one of them is there
ONE_OF = "It is one of these; what this check looks at is the same for all of them:"


def accountable(results: Iterable[TestResult], traces: Traces, reference: Traces) -> bool:
    """Say whether every failure of a task is accounted for by some answer.

    If a test failed although it saw nothing but right answers, it was for another reason, such
    as a time limit.
    """
    return not any(
        agrees(traces.get(result.name, ()), reference[result.name], passed=False)
        for result in results
        if result.outcome == "failed"
    )


def fits(result: TestResult, traces: Traces, candidate: Signature) -> bool:
    """Say whether a test saw of a submission what it would see of a candidate."""
    trace, passed = traces.get(result.name, ()), result.outcome == "passed"
    return agrees(trace, candidate.traces[result.name], passed=passed)


def explain(
    results: Sequence[TestResult], traces: Traces, candidates: Iterable[Signature]
) -> list[Variant]:
    """Return the variants that behave as a submission did in all tests of a task, the first first.

    Of several only those that agree in most hints; there may be none.

    Args:
        results: the tests of one task.
        traces: what each test saw of the submission.
        candidates: what each would see of known mistakes in this task.
    """
    run = [result for result in results if result.outcome in ("passed", "failed")]
    fitting = [
        (sum(weak_agreement(traces.get(r.name, ()), c.traces[r.name]) for r in run), c.variant)
        for c in candidates
        if all(fits(result, traces, c) for result in run)
    ]
    best = max((hints for hints, _ in fitting), default=0)
    return [variant for hints, variant in fitting if hints == best]


def hides_everything(single: Signature) -> bool:
    """Say whether a mistake ends every test with an exception before anything is seen."""
    return all(
        [seen.kind for seen in trace if seen.kind != "weak"] == ["raised"]
        for trace in single.traces.values()
    )


def shows_both(pair: Signature, alone: Iterable[Signature], reference: Traces) -> bool:
    """Say whether tests see a pair of mistakes as something else than one of them, or none.

    One may hide the other, as an exception hides all that comes after it, or cancel it.
    """
    return not any(
        all(
            agrees(_until_failure(trace, reference[test]), others[test], passed=False)
            for test, trace in pair.traces.items()
        )
        for others in (reference, *(single.traces for single in alone))
    )


def _until_failure(trace: Trace, reference: Trace) -> Trace:
    """Return what a test sees until it sees something that is not right."""
    hard, right = ([seen for seen in part if seen.kind != "weak"] for part in (trace, reference))
    for index, seen in enumerate(hard):
        if index >= len(right) or not same(seen, right[index]):
            return tuple(hard[: index + 1])
    return tuple(hard)


def findings(variant: Variant, results: Sequence[TestResult]) -> tuple[Finding, ...]:
    """Return what the student reads about the mistakes in a variant."""
    place = next((r.place for r in results if r.place is not None), None)
    where = f"\n  in cell {place[0]}, line {place[1]}: `{place[2]}`" if place else ""
    return tuple(
        Finding(m.text + (where if index == 0 else ""), m.name)
        for index, m in enumerate(variant.misconceptions)
    )


def any_of(variants: Sequence[Variant], results: Sequence[TestResult]) -> tuple[Finding, ...]:
    """Return what the student reads where one of some variants is what happened.

    Where there are many, or several mistakes in each, that would be guessing: it is nothing.
    """
    distinct = list({variant.name: variant for variant in variants}.values())
    if len(distinct) == 1:
        return findings(distinct[0], results)
    if len(distinct) > MOST or any(len(variant.misconceptions) > 1 for variant in distinct):
        return ()
    each = (finding for variant in distinct for finding in findings(variant, results))
    numbered = (replace(f, text=f"{number}. {f.text}") for number, f in enumerate(each, 1))
    return (Finding(ONE_OF), *numbered)


def follows_from(results: Sequence[TestResult], found: Mapping[str, Variant]) -> Finding | None:
    """Say that a task failed only because of mistakes found in others, if that is so.

    Args:
        results: the tests of the task.
        found: what was found in other tasks.
    """
    failed = {r.name for r in results if r.outcome == "failed"}
    causes = {task: variant for task, variant in found.items() if failed & variant.failing}
    if not failed or not failed <= {name for v in causes.values() for name in v.failing}:
        return None
    return consequence(causes)


def consequence(tasks: Iterable[str]) -> Finding:
    """Return what a student reads about a task that failed because of others."""
    return Finding(
        f"This follows from what was found in {' and '.join(tasks)}.\n"
        "Mend that first, then run all cells again and look here once more."
    )
