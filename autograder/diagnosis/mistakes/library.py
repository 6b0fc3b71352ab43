"""The library: all families of mistakes, and what they make of a reference solution."""

import ast
from collections.abc import Iterator, Mapping, Sequence

from autograder.diagnosis.misconception import Change as TextChange
from autograder.diagnosis.misconception import Misconception, applied
from autograder.diagnosis.mistakes import (
    arguments,
    autograd,
    axes,
    broadcasting,
    choices,
    descent,
    dtypes,
    frames,
    in_place,
    indices,
    layers,
    metrics,
    modes,
    pipelines,
    probabilities,
    reductions,
    returns,
    scaling,
    signs,
    splits,
    state,
    training_loops,
)
from autograder.diagnosis.mistakes.base import Base
from autograder.diagnosis.mistakes.mistake import Mistake
from autograder.diagnosis.mistakes.needed_imports import is_of_torch, needed_imports
from autograder.diagnosis.mistakes.respelling import replacement
from autograder.diagnosis.mistakes.ways_of_writing import WAYS
from autograder.diagnosis.names import bound_names, used_names
from autograder.diagnosis.syntax_tree import Statements

MODULES = (
    training_loops,
    autograd,
    layers,
    metrics,
    modes,
    probabilities,
    scaling,
    choices,
    splits,
    pipelines,
    frames,
    descent,
    state,
    arguments,
    in_place,
    broadcasting,
    axes,
    reductions,
    indices,
    returns,
    dtypes,
    signs,
)
"""The families, those first that know more of what the code is for: their words say more."""
FAMILIES: Mapping[str, tuple[Mistake, ...]] = {
    (module.__doc__ or "").partition(":")[0]: module.MISTAKES for module in MODULES
}
"""The mistakes by family, under its title."""
LIBRARY = tuple(
    sorted((one for family in FAMILIES.values() for one in family), key=lambda one: one.rank)
)
"""All mistakes, the commonest first."""

MOST = 800  # variants of a reference solution
MOST_WAYS = 16  # of one mistake in one task


def misconceptions(
    source: str,
    definitions: Mapping[str, Sequence[str]] | None = None,
    cells: Sequence[str] = (),
    checks: Sequence[str] = (),
    library: Sequence[Mistake] = LIBRARY,
    most: int = MOST,
) -> tuple[Misconception, ...]:
    """Return what a library makes of a reference solution, the commonest mistakes first.

    The ways of a misconception are the places where its mistake applies. All variants differ from
    the reference and from one another; where two mistakes make the same code, the commoner one
    has it. Mistakes are also made in other ways to write the reference.

    Args:
        source: the code of the reference solution.
        definitions: the functions and classes of each task; without it, each of them is a task. A
            mistake in another function or in a variable belongs to the tasks that use it.
        cells: the cells of the notebook, whose variables are used instead of arguments.
        checks: those of its cells that do not run while answers are graded.
        library: the mistakes, the commonest first.
        most: how many variants there are at most.

    Raises:
        SyntaxError: the source is not Python.
    """
    bases = [Base(source)]
    bases += _other_ways(bases[0])
    tasks = _tasks(bases[0].tree, definitions)
    seen = {base.statements for base in bases}
    ways: dict[tuple[str, str, str], list[TextChange]] = {}
    words = {one.name: one for one in library}
    made = 0
    for mistake in library:
        own = arguments.of_the_notebook(mistake, source, cells, checks)
        for about, change, owner in _made(own, bases, seen):
            for task in tasks.get(owner, ()):
                some = ways.setdefault((mistake.name, about, task), [])
                if len(some) < MOST_WAYS and made < most:
                    some.append(change)
                    made += 1
    return tuple(
        _misconception(words[name], about, task, tuple(some))
        for (name, about, task), some in ways.items()
        if some
    )


def other_ways(source: str) -> list[str]:
    """Return a reference solution with a part written in another way, as right.

    Raises:
        SyntaxError: the source is not Python.
    """
    return [base.source for base in _other_ways(Base(source))]


def _other_ways(reference: Base) -> Iterator[Base]:
    """Yield the reference with a part written in another way; only there mistakes are made."""
    for way in WAYS:
        for site in reference.sites:
            for change in way(site):
                new = reference.edited(change.edits, set())
                assert new is not None
                yield Base(new.text, site.path[0][1])


def _made(
    mistake: Mistake, bases: Sequence[Base], seen: set[Statements]
) -> Iterator[tuple[str, TextChange, int]]:
    """Yield what a mistake makes of a source: what it is about, the change, and the statement."""
    reference, *others = bases
    for base in (reference, *(others if mistake.rank < 3 else ())):
        for site in base.sites:
            for change in mistake.rule(site):
                new = base.edited(change.edits, seen)
                if new is None:
                    continue
                imports = needed_imports(reference.tree, new.tree, "\n".join(new.statements))
                if "torch" in imports and not is_of_torch(reference.tree):
                    continue  # what PyTorch would do is no mistake in NumPy
                _, index = site.path[0]
                yield change.about, _change(reference.source, new.text, imports), index or 0


def _change(source: str, text: str, imports: str) -> TextChange:
    """Return the change of a source to a text with further imports at its top."""
    if not imports:
        return (replacement(source, text),)
    both = (replacement(source, text), replacement(source, imports + source))
    return (
        both if applied(source, both) == imports + text else (replacement(source, imports + text),)
    )


def _misconception(
    mistake: Mistake, about: str, task: str, ways: tuple[TextChange, ...]
) -> Misconception:
    name = f"{mistake.name}({about})" if about else mistake.name
    said = (mistake.happened, mistake.why, mistake.look)
    happened, why, look = (part.replace("{about}", about) for part in said)
    return Misconception(name, task, ways, happened, why, look, rank=mistake.rank)


def _tasks(
    tree: ast.Module, definitions: Mapping[str, Sequence[str]] | None
) -> dict[int, list[str]]:
    """Return the tasks that each top-level statement belongs to, by its index."""
    names = {index: bound_names(statement) for index, statement in enumerate(tree.body)}
    by_name = {name: index for index, bound in names.items() for name in bound}
    if definitions is None:
        defined = {
            one.name: [one.name]
            for one in tree.body
            if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
        }
    else:
        defined = {task: list(own) for task, own in definitions.items()}
    owners = {
        by_name[name]: task for task, own in defined.items() for name in own if name in by_name
    }
    found: dict[int, list[str]] = {index: [task] for index, task in owners.items()}
    for start, task in owners.items():
        waiting = [start]
        reached = {start}
        while waiting:
            for name in used_names(ast.unparse(tree.body[waiting.pop()])):
                index = by_name.get(name)
                if index is not None and index not in reached and index not in owners:
                    reached.add(index)
                    waiting.append(index)
                    if task not in found.setdefault(index, []):
                        found[index].append(task)
    return found
