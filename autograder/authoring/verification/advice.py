"""Says what the author can do about a wrong answer that keeps all points."""

import re
from dataclasses import dataclass
from pathlib import Path

from autograder.authoring.verification.as_code import (
    NOTEBOOK,
    Code,
    Unwritable,
    as_code,
    literal,
)
from autograder.authoring.verification.equivalence import Comparison, Evidence
from autograder.authoring.verification.shrinking import shrunk

OWN = re.compile(rf"\b{NOTEBOOK}\b")
LONGEST = 92  # characters of a line, indented in a test


@dataclass(frozen=True)
class Survivor:
    """How a wrong answer differs that keeps all points; `code` shows it, if that is short."""

    evidence: Evidence
    code: Code | None

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
        where = f" for {found.what}" if found.what else ""
        return f"{what} {happens}{where}. No test asks that. Add it to {test}"

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
    dialog = best.dialog.until(best.turn)
    try:
        code = as_code(dialog, comparison.code, suite)
        if comparison.reference is None:
            code.expected = literal(best.expected)
    except Unwritable:
        return Survivor(best, None)
    return Survivor(best, code)


def lines(code: Code) -> list[str]:
    """Return the lines of a test that compares the student's answer with the reference's."""
    given = ", ".join(f"reference.{name}" for name in code.using)
    student = f"student.using({given})" if code.using else "student"
    if code.steps:
        return [
            *code.inputs,
            f"def answer({NOTEBOOK}):",
            *(f"    {line}" for line in code.steps),
            f"    return {code.answer}",
            f"assert_close(answer({student}), {code.expected or 'answer(reference)'})",
        ]
    ours, theirs = (OWN.sub(name, code.answer) for name in (student, "reference"))
    theirs = code.expected or theirs
    whole = f"assert_close({ours}, {theirs})"
    if len(whole) <= LONGEST:
        return [*code.inputs, whole]
    return [*code.inputs, f"received = {ours}", f"assert_close(received, {theirs})"]
