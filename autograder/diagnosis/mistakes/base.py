"""A way to write the reference solution, and what edits make of it.

Nearly all edits lie in one top-level statement. They are made in that statement alone, as if it
were a program of its own: that takes a fraction of the time.
"""

import ast
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from autograder.diagnosis.mistakes.respelling import respelled
from autograder.diagnosis.syntax_tree import (
    Edits,
    Site,
    Statements,
    edited,
    normal_statements,
    normal_text,
    sites,
)


@dataclass(frozen=True)
class Part:
    """Top-level statements as a program, and those around them."""

    tree: ast.Module
    text: str
    text_before: str
    text_after: str
    before: Statements
    after: Statements


@dataclass(frozen=True)
class Edited:
    """Code with edits: the whole text, and the tree and the normal text of the changed part."""

    text: str
    tree: ast.Module
    statements: Statements


class Base:
    """A way to write the reference solution.

    Args:
        source: the code.
        within: the index of the top-level statement in which mistakes are made; by default, in all.
    """

    def __init__(self, source: str, within: int | None = None) -> None:
        self.source = source
        self.tree = ast.parse(source)
        self.sites: Sequence[Site] = [
            site for site in sites(self.tree) if within in (None, site.path[0][1])
        ]

    @cached_property
    def statements(self) -> Statements:
        """The normal text of each top-level statement."""
        return tuple(map(ast.unparse, self.tree.body))

    def edited(self, edits: Edits, known: set[Statements]) -> Edited | None:
        """Return the code with edits, None if it is no Python; add it to what is known.

        None also if it is known already, so that its text is not needed.
        """
        part, own = self._part_with(edits)
        tree = edited(part.tree, own)
        new = normal_statements(tree)
        if new is None or (key := (*part.before, *new, *part.after)) in known:
            return None
        known.add(key)
        text = respelled(part.text, part.tree, own, new)
        if text is None:
            return Edited(f"{normal_text(edited(self.tree, edits))}\n", tree, new)
        return Edited(part.text_before + text + part.text_after, tree, new)

    def _part_with(self, edits: Edits) -> tuple[Part, Edits]:
        """Return the part that all edits lie in, and the edits of its tree."""
        indices = {path[0][1] for path in edits if path}
        dropped = [] in edits.values() and any(len(path) < 2 for path in edits)
        if len(indices) == 1 and () not in edits and not dropped:
            index = indices.pop()
            part = self._parts[index] if index is not None else None
            if part is not None:
                return part, {(("body", 0), *path[1:]): new for path, new in edits.items()}
        return Part(self.tree, self.source, "", "", (), ()), edits

    @cached_property
    def _parts(self) -> list[Part | None]:
        """Each top-level statement; None for one that shares a line, or may mean something else."""
        lines = self.source.encode().splitlines(keepends=True)
        body = self.tree.body
        spans = [(_first_line(one) - 1, one.end_lineno or one.lineno) for one in body]
        found: list[Part | None] = []
        for index, (start, end) in enumerate(spans):
            shared = any(
                start < other_end and other_start < end
                for other_start, other_end in (*spans[:index], *spans[index + 1 :])
            )
            if shared or _is_of_the_future(body):
                found.append(None)
                continue
            before, text, after = (
                b"".join(some).decode() for some in (lines[:start], lines[start:end], lines[end:])
            )
            own = self.statements[:index], self.statements[index + 1 :]
            found.append(Part(ast.parse(text), text, before, after, *own))
        return found


def _first_line(statement: ast.stmt) -> int:
    decorators: list[ast.expr] = getattr(statement, "decorator_list", [])
    return min([statement.lineno, *(one.lineno for one in decorators)])


def _is_of_the_future(body: Sequence[ast.stmt]) -> bool:
    """Say whether code changes how all of it is compiled."""
    return any(isinstance(one, ast.ImportFrom) and one.module == "__future__" for one in body)
