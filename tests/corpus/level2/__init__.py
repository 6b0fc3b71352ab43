"""Right and wrong answers to the assignments of the kit whose suites are at level 2.

The folder of each holds `answers.py`: `RIGHT` and `WRONG` answers by name, as the code of the cells
that differ from the solution's. A wrong answer also says in which tasks it loses points. So does
`independent.py`, of somebody who knew the notebook alone; there a wrong answer also says which names
of the library of mistakes are true of it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from textwrap import dedent

DEFINED = re.compile(r"^(?:def|class) (\w+)|^(\w+) = ", re.MULTILINE)


@dataclass(frozen=True)
class Answer:
    """An answer: `parts` are the cells that differ from the solution's, by their `grade_id`.

    `loses` are the tasks in which it loses points, `names` those of the mistakes that it makes.
    """

    name: str
    parts: Mapping[str, str]
    loses: frozenset[str] = field(default=frozenset())
    names: frozenset[str] = field(default=frozenset())


def answers(text: str, cells: Sequence[str]) -> tuple[Answer, ...]:
    """Return the answers in a text in which lines `# name: task task: name name` begin them.

    The code below a name is put into the cells whose function or class it defines; a line `---`
    begins the next cell of the same answer.
    """
    _, *parts = re.split(r"^# (\w+):(.*)\n", dedent(text), flags=re.MULTILINE)
    found = []
    for name, said, code in zip(parts[::3], parts[1::3], parts[2::3], strict=True):
        by_cell = {}
        for cell in re.split(r"^---\n", code, flags=re.MULTILINE):
            defined = {one or other for one, other in DEFINED.findall(cell)}
            (place,) = defined & {*cells}
            by_cell[place] = cell.strip("\n")
        tasks, _, names = said.partition(":")
        found.append(Answer(name, by_cell, frozenset(tasks.split()), frozenset(names.split())))
    return tuple(found)
