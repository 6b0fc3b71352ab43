"""All mutation operators; a new one is a small function, listed here.

An *operator* looks at one place of the tree and yields the changes it can make there. They are
those of Offutt, "Investigations of the software testing coupling effect" (1992), with those that
are typical of PyTorch added.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from autograder.authoring.verification.expressions import (
    call_dropped,
    condition,
    constants,
    detached,
    items,
    negation,
    operands,
    other_attribute,
    other_name,
    other_operator,
    parameters,
    sliced,
)
from autograder.authoring.verification.statements import (
    indented,
    loop_part,
    moved,
    not_in_place,
    removed,
    returned,
    unwrapped,
)
from autograder.authoring.verification.syntax_tree import Change, Site

Operator = Callable[[Site], Iterator[Change]]

OPERATORS: tuple[Operator, ...] = (
    *(other_operator, operands, constants, negation, condition, sliced, detached),
    *(call_dropped, items, parameters, other_name, other_attribute),
    *(removed, moved, indented, unwrapped, loop_part, not_in_place, returned),
)
