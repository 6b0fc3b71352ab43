"""Finds the simplest known mistakes that explain all that the tests observed."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from autograder.diagnosis.misconception import Misconception, Variant
from autograder.diagnosis.observations import (
    Observation,
    Trace,
    agrees,
    is_telling,
    is_trivial,
    judged,
    same,
    weak_agreement,
)
from autograder.record import Finding, TaskScore, TestResult

Traces = Mapping[str, Trace]


@dataclass(frozen=True)
class Signature:
    """What each test observes of a variant of the reference solution, as far as it is known.

    `begun` has what a test observes at first: of how many of its questions, and the trace.
    """

    variant: Variant
    traces: dict[str, Trace]
    begun: dict[str, tuple[int, Trace]] = field(default_factory=dict)

    def beginning(self, test: str, count: int) -> Trace | None:
        """Return what a test observes by its first questions or more; None if it is unknown."""
        if test in self.traces:
            return self.traces[test]
        asked, trace = self.begun.get(test, (-1, ()))
        return trace if asked >= count else None


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


@dataclass(frozen=True)
class Candidates:
    """What may explain a task: at least all signatures that fit, the likeliest first.

    `told_apart` says that tests are known to tell them apart. So where several fit, the first one
    is named; of others it may be any.
    """

    signatures: Sequence[Signature]
    told_apart: bool


class Lookup(ABC):
    """Explains the failures in one assignment by the signatures of known mistakes."""

    @property
    @abstractmethod
    def known(self) -> KnownSignatures:
        """The signatures of the reference and of single misconceptions."""

    @abstractmethod
    def of_reference(self, task: str) -> Traces:
        """Return what the tests of a task observe of the reference, empty if that is unknown."""

    @abstractmethod
    def candidates(self, task: TaskScore, traces: Traces) -> Iterator[Candidates]:
        """Yield what may explain a task, group by group, the simplest first."""

    def explain(
        self, tasks: Sequence[TaskScore], traces: Traces, *, every: bool = False
    ) -> tuple[TaskScore, ...]:
        """Return the tasks of a submission, with an explanation where one is known.

        `traces` are what each test observed of it. With `every`, all mistakes that the tests cannot
        tell apart are named, not only the first.
        """
        found = {
            task.name: variants
            for task in tasks
            if task.outcome == "failed" and (variants := self._variants(task, traces, every))
        }
        return tuple(_explained(task, found) for task in tasks)

    def _variants(self, task: TaskScore, traces: Traces, every: bool) -> Sequence[Variant]:
        """Return the single misconceptions or else the pairs that explain a task, best first."""
        reference = self.of_reference(task.name)
        if not reference or not_filled_in(task.tests, traces):
            return ()
        traces = telling(task.tests, traces, reference)
        if not accountable(task.tests, traces, reference):
            return ()
        for some in self.candidates(task, traces):
            if found := explain(task.tests, traces, some.signatures):
                if some.told_apart:
                    return found if every else found[:1]
                certain = _is_certain(found, task.tests, traces, reference)
                return _likeliest(found) if certain else ()
        return ()


def _likeliest(variants: Sequence[Variant]) -> Sequence[Variant]:
    """Return those of the variants that are commonest, if there are too many to name."""
    if len({_text(one) for one in variants}) <= MOST:
        return variants
    return [one for one in variants if one.rank == variants[0].rank]


def _is_certain(
    variants: Sequence[Variant],
    results: Iterable[TestResult],
    traces: Traces,
    reference: Traces,
) -> bool:
    """Say whether variants can be named that nobody has told apart from others.

    Where only a choice or a simple number was seen, as in a score or a count, many mistakes lead to
    it: then one single mistake has to be all that fits. Where all wrong answers are 0 or 1, there
    are always more mistakes than those that are known.
    """
    failed = [result.name for result in results if result.outcome == "failed"]
    if len(variants[0].misconceptions) == 1 and len({_text(one) for one in variants}) == 1:
        wrong = [pair for name in failed for pair in _wrong(traces.get(name, ()), reference[name])]
        return not wrong or not all(is_trivial(*pair) for pair in wrong)
    return any(is_telling(seen) for name in failed for seen in traces.get(name, ()))


def _wrong(trace: Trace, reference: Trace) -> list[tuple[Observation, Observation | None]]:
    """Return the first judged answer that is wrong, if there is one, and the right one."""
    at, right = first_wrong(trace, reference), judged(reference)
    return [] if at is None else [(judged(trace)[at], right[at] if at < len(right) else None)]


def _text(variant: Variant) -> str:
    return "\n".join(one.text for one in variant.misconceptions)


def _explained(task: TaskScore, found: Mapping[str, Sequence[Variant]]) -> TaskScore:
    """Return a task with what was found in it, or in other tasks that it depends on."""
    if explained := any_of(found.get(task.name, ()), task.tests):
        return replace(task, explained=explained)
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


def telling(results: Iterable[TestResult], traces: Traces, reference: Traces) -> Traces:
    """Return what tells mistakes apart in each test.

    That is what the test judged; and all answers, if it failed although it judged only right ones.
    """
    judged_only = {
        name: tuple(seen for seen in trace if seen.kind != "answers")
        for name, trace in traces.items()
    }
    silent = {
        result.name
        for result in results
        if result.outcome == "failed"
        and _saw_only_right_answers(judged_only.get(result.name, ()), reference[result.name])
    }
    return {
        name: trace if name in silent else tuple(map(_in_background, trace))
        for name, trace in traces.items()
    }


def _in_background(seen: Observation) -> Observation:
    return replace(seen, kind="background") if seen.kind == "answers" else seen


def accountable(results: Iterable[TestResult], traces: Traces, reference: Traces) -> bool:
    """Say whether every failed test of a task observed at least one wrong answer.

    A test that failed although it got only right ones failed for another reason, such as a time
    limit.
    """
    return not any(
        _saw_only_right_answers(traces.get(result.name, ()), reference[result.name])
        for result in results
        if result.outcome == "failed"
    )


def _saw_only_right_answers(trace: Trace, reference: Trace) -> bool:
    """Say whether nothing in a trace is known to be wrong; an exception always is."""
    raised = any(seen.kind == "raised" for seen in trace)
    return not raised and agrees(trace, reference, passed=False)


def fits(result: TestResult, traces: Traces, candidate: Signature) -> bool:
    """Say whether a test observed of a submission what it observes of a candidate."""
    trace, passed = traces.get(result.name, ()), result.outcome == "passed"
    return agrees(trace, candidate.traces[result.name], passed=passed)


def begins_alike(trace: Trace, observed: int, other: Trace) -> bool:
    """Say whether a failed test may have observed what it observes of another solution at first.

    Args:
        trace: what it observed.
        observed: how many judged observations the beginning has at most.
        other: what it observes of the other solution in the beginning.
    """
    return agrees(judged(trace)[:observed], other, passed=False)


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
    hard = judged(trace)
    at = first_wrong(trace, reference)
    return hard if at is None else hard[: at + 1]


def first_wrong(trace: Trace, reference: Trace) -> int | None:
    """Return the index of the first judged answer that is wrong, None if all are right."""
    right = judged(reference)
    for index, seen in enumerate(judged(trace)):
        if index >= len(right) or not same(seen, right[index]):
            return index
    return None


def findings(
    misconceptions: Iterable[Misconception], results: Sequence[TestResult]
) -> tuple[Finding, ...]:
    """Return what the student reads about mistakes that are all in a submission."""
    location = next((r.source_location for r in results if r.source_location is not None), None)
    where = f"\n  in cell {location[0]}, line {location[1]}: `{location[2]}`" if location else ""
    return tuple(
        Finding(one.text + (where if index == 0 else ""), one.name)
        for index, one in enumerate(misconceptions)
    )


def any_of(variants: Sequence[Variant], results: Sequence[TestResult]) -> tuple[Finding, ...]:
    """Return what the student reads when one of several variants explains a task.

    What all of them have is certain, of the rest one. If there are many, or the rest is more than
    one mistake, that would be guessing: return nothing.
    """
    distinct = list({_text(one): one for one in variants}.values())
    if not distinct:
        return ()
    if len(distinct) == 1:
        return findings(variants[0].misconceptions, results)
    read = [{m.text for m in variant.misconceptions} for variant in distinct]
    shared = set.intersection(*read)
    rest = [m for one in distinct for m in one.misconceptions if m.text not in shared]
    if len(distinct) > MOST or len(rest) != len(distinct) or any(one <= shared for one in read):
        return ()
    certain = findings((m for m in distinct[0].misconceptions if m.text in shared), results)
    possible = findings(rest, () if certain else results)
    numbered = (replace(f, text=f"{number}. {f.text}") for number, f in enumerate(possible, 1))
    return (*certain, Finding(ONE_OF), *numbered)


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
