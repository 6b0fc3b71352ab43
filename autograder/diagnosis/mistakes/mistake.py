"""What a known mistake is: where it applies, what it makes of it, its words and its source."""

from dataclasses import dataclass

from autograder.diagnosis.syntax_tree import Operator


@dataclass(frozen=True)
class Mistake:
    """A mistake that people make, whatever they program.

    In the words, `{about}` stands for the parameter that a change is about.

    Args:
        name: what instructors read in tables.
        rank: how common it is: 1 in every class, 2 in most, 3 now and then.
        rule: yields the changes that make it at a site of a reference solution.
        happened: what the student's code did.
        why: what is wrong with that.
        look: where to look, never the solution.
        source: where it is described.
    """

    name: str
    rank: int
    rule: Operator
    happened: str
    why: str
    look: str
    source: str
