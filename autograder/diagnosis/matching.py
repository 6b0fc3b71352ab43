"""Finds the simplest known mistakes that explain all that the tests observed."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from autograder.diagnosis.misconception import Variant
from autograder.diagnosis.observations import Trace, agrees, judged, same, weak_agreement
from autograder.record import Finding, TaskScore, TestResult

Traces = Mapping[str, Trace]


@dataclass(frozen=True)
class Signature:
    """What each test observes of a variant of the reference solution, as far as it is known."""

    variant: Variant
    traces: dict[str, Trace]


@dataclass(frozen=True)
class KnownSignatures:
    """What each test observes of the reference; signatures of single misconceptions by task."""

    reference: Traces
    singles: Mapping[str, Sequence[Signature]]

    @property
    def failing(self) -> dict[str, frozenset[str]]:
        """The tests that each misconception fails, by its name."""
        variants = (single.variant for some in self.singles.values() for single in some)
        return {variant.name: variant.failing for variant in variants}


class Lookup(ABC):
    """Explains the failures in one assignment by the signatures of known mistakes."""

    @property
    @abstractmethod
    def known(self) -> KnownSignatures:
        """The signatures of the reference and of single misconceptions."""

    @abstractmethod
    def fitting_pairs(self, task: TaskScore, traces: Traces) -> Sequence[Signature]:
        """Return the pairs of misconceptions that may explain a task: at least all that do."""

    def explain(
        self, tasks: Sequence[TaskScore], traces: Traces, *, every: bool = False
    ) -> tuple[TaskScore, ...]:
        """Return the tasks of a submission, with an explanation where one is known.

        `traces` are what each test observed of it. With `every`, all mistakes that the tests cannot
        tell apart are named, not only the first.
        """
        found = {
            task.name: variants if every else variants[:1]
            for task in tasks
            if task.outcome == "failed" and (variants := self._variants(task, traces))
        }
        return tuple(_explained(task, found) for task in tasks)

    def _variants(self, task: TaskScore, traces: Traces) -> Sequence[Variant]:
        """Return the single misconceptions or else the pairs that explain a task, best first."""
        if not_filled_in(task.tests, traces):
            return ()
        reference, singles = self.known.reference, self.known.singles
        if task.name not in singles or not accountable(task.tests, traces, reference):
            return ()
        single = explain(task.tests, traces, singles[task.name])
        return single or explain(task.tests, traces, self.fitting_pairs(task, traces))


def _explained(task: TaskScore, found: Mapping[str, Sequence[Variant]]) -> TaskScore:
    """Return a task with what was found in it, or in other tasks that it depends on."""
    if task.name in found:
        return replace(task, explained=any_of(found[task.name], task.tests))
    first = {name: variants[0] for name, variants in found.items()}
    follows = follows_from(task.tests, first) if task.outcome == "failed" else None
    return task if follows is None else replace(task, explained=(follows,))


MOST = 3  # mistakes that are named where the submission has only one of them
ONE_OF = "Your code does one of these; to this check they all look the same:"


def not_filled_in(results: Iterable[TestResult], traces: Traces) -> bool:
    """Say whether a test failed because a part is not filled in, which is nobody's mistake.

    Such a part raises NotImplementedError without a message; torch adds one to its own.
    """
    return any(
        seen.kind == "raised" and tuple(seen.value) == ("NotImplementedError", "")
        for result in results
        if result.outcome == "failed"
        for seen in traces.get(result.name, ())
    )


def accountable(results: Iterable[TestResult], traces: Traces, reference: Traces) -> bool:
    """Say whether every failed test of a task observed at least one wrong answer.

    A test that failed although it observed only right ones failed for another reason, such as a
    time limit.
    """
    return not any(
        agrees(traces.get(result.name, ()), reference[result.name], passed=False)
        for result in results
        if result.outcome == "failed"
    )


def fits(result: TestResult, traces: Traces, candidate: Signature) -> bool:
    """Say whether a test observed of a submission what it observes of a candidate."""
    trace, passed = traces.get(result.name, ()), result.outcome == "passed"
    return agrees(trace, candidate.traces[result.name], passed=passed)


def explain(
    results: Sequence[TestResult], traces: Traces, candidates: Iterable[Signature]
) -> list[Variant]:
    """Return the variants that behave as a submission does in all tests of a task, in their order.

    If there are several, only those that agree with it in the most weak observations. `candidates`
    are the signatures of known mistakes in this task.
    """
    run = [result for result in results if result.outcome in ("passed", "failed")]
    fitting = [
        (sum(weak_agreement(traces.get(r.name, ()), c.traces[r.name]) for r in run), c.variant)
        for c in candidates
        if all(fits(result, traces, c) for result in run)
    ]
    best = max((agreement for agreement, _ in fitting), default=0)
    return [variant for agreement, variant in fitting if agreement == best]


def hides_everything(single: Signature) -> bool:
    """Say whether a mistake ends every test with an exception before anything is observed."""
    return all(
        [seen.kind for seen in judged(trace)] == ["raised"] for trace in single.traces.values()
    )


def shows_both(pair: Signature, alone: Iterable[Signature], reference: Traces) -> bool:
    """Say whether the tests can tell a pair of mistakes from either one alone, and from none.

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
    """Return what a test observes up to the first answer that is wrong."""
    hard, right = judged(trace), judged(reference)
    for index, seen in enumerate(hard):
        if index >= len(right) or not same(seen, right[index]):
            return hard[: index + 1]
    return hard


def findings(variant: Variant, results: Sequence[TestResult]) -> tuple[Finding, ...]:
    """Return what the student reads about the mistakes in a variant."""
    location = next((r.source_location for r in results if r.source_location is not None), None)
    where = f"\n  in cell {location[0]}, line {location[1]}: `{location[2]}`" if location else ""
    return tuple(
        Finding(m.text + (where if index == 0 else ""), m.name)
        for index, m in enumerate(variant.misconceptions)
    )


def any_of(variants: Sequence[Variant], results: Sequence[TestResult]) -> tuple[Finding, ...]:
    """Return what the student reads when one of several variants explains a task.

    If there are many, or several mistakes in one of them, that would be guessing: return nothing.
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
    """Return what to say about a task that failed only because of mistakes found in others.

    None if it failed for another reason too.
    """
    failed = [r.names for r in results if r.outcome == "failed"]
    causes = {
        task: variant
        for task, variant in found.items()
        if any(names & variant.failing for names in failed)
    }
    known = {name for variant in causes.values() for name in variant.failing}
    if not failed or not all(names & known for names in failed):
        return None
    return consequence(causes)


def consequence(tasks: Iterable[str]) -> Finding:
    """Return what the student reads about a task that failed because of others."""
    return Finding(
        f"This follows from what was found in {' and '.join(tasks)}.\n"
        "Fix that first, then run all cells again."
    )
