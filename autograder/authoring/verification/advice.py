"""Says what the author can do about a wrong answer that keeps all points."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

from autograder.authoring.verification.as_code import (
    NOTEBOOK,
    Code,
    Unwritable,
    as_code,
    literal,
)
from autograder.authoring.verification.equivalence import Comparison, Evidence
from autograder.authoring.verification.own_inputs import own_inputs
from autograder.authoring.verification.shrinking import shrunk

OWN = re.compile(rf"\b{NOTEBOOK}\b")
LONGEST = 92  # characters of a line, indented in a test


@dataclass(frozen=True)
class Survivor:
    """How a wrong answer differs that keeps all points; `code` shows it, if that is short.

    `has_own` says that the code is about inputs that the test has.
    """

    evidence: Evidence
    code: Code | None
    has_own: bool = False

    @property
    def sentence(self) -> str:
        """What differs, and where no test asks for it."""
        found, test = self.evidence, self.evidence.dialog.test
        what = self.called
        happens = found.instead or "gives another answer"
        if found.seed:
            return (
                f"With the inputs of another seed, {what} {happens}; those of this course do not "
                f"show it. Give {test} inputs that always do"
            )
        where = f" for {found.edge.what}" if found.edge.what else ""
        own = ", with the inputs that it has" if self.has_own else ""
        return f"{what} {happens}{where}. No test asks that. Add it to {test}{own}"

    @property
    def called(self) -> str:
        """What is asked for: a call, as the test writes it."""
        if self.code is None:
            return self.evidence.dialog.callee(self.evidence.turn) or "An answer"
        return self.code.answer.replace(f"{NOTEBOOK}.", "")

    @property
    def text(self) -> str:
        """The sentence, and the lines to add."""
        if self.code is None:
            return f"{self.sentence}."
        return "\n".join([f"{self.sentence}:", *(f"    {line}" for line in lines(self.code))])


def survivor(mutant: str, found: Evidence, comparison: Comparison, suite: Path) -> Survivor:
    """Return what shows a difference, for inputs as small as possible."""
    best = shrunk(found, lambda dialog: comparison.within(mutant, dialog))
    try:
        return Survivor(best, _code(best, comparison, suite))
    except Unwritable:
        own = own_inputs(found.dialog, found.edge.source, comparison.code)
    try:
        return Survivor(found, _code(found, comparison, suite, own), has_own=True)
    except Unwritable:
        return Survivor(best, None)


def _code(
    found: Evidence,
    comparison: Comparison,
    suite: Path,
    own: Mapping[Any, str] = MappingProxyType({}),
) -> Code:
    """Return what shows a difference as code.

    Raises:
        Unwritable: it is too long, or asks what has no short form.
    """
    if own and found.seed:
        raise Unwritable("inputs of another seed")
    if comparison.reference is None and own:
        raise Unwritable("an answer for inputs that are drawn")
    code = as_code(found.dialog.until(found.turn), comparison.code, suite, own=own)
    if comparison.reference is None:
        code.expected = literal(found.expected)
    return code


def lines(code: Code) -> list[str]:
    """Return the lines of a test that compares the student's answer with the reference's."""
    given = ", ".join(f"reference.{name}" for name in code.using)
    student = f"student.using({given})" if code.using else "student"
    if code.steps:
        compared = f"assert_close(answer({student}), {code.expected or 'answer(reference)'})"
        return [
            *code.inputs,
            f"def answer({NOTEBOOK}):",
            *(f"    {line}" for line in code.steps),
            f"    return {code.answer}",
            compared if code.is_plain else f"answer({student})",
        ]
    ours, theirs = (OWN.sub(name, code.answer) for name in (student, "reference"))
    theirs = code.expected or theirs
    if not code.is_plain:
        return [*code.inputs, ours]
    whole = f"assert_close({ours}, {theirs})"
    if len(whole) <= LONGEST:
        return [*code.inputs, whole]
    return [*code.inputs, f"received = {ours}", f"assert_close(received, {theirs})"]
