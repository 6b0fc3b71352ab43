"""Keeps the names that a notebook has at one point, to see them again later.

Only names and the attributes of the notebook's own classes are kept, not what is in a list or a
tensor: assigning, importing, deleting and `%reset` can be undone, changing an object cannot.
"""

import contextlib
import inspect
import warnings
from collections.abc import Iterable, Iterator
from functools import partial
from types import CodeType, FunctionType
from typing import Any

import numpy as np

NOTEBOOK = "__main__"  # the module that a notebook's classes belong to


class Snapshot:
    """The names of a notebook at one point, and settings of Python and NumPy.

    `functions` holds whatever had once been callable under its name, also if it was rebound.
    """

    def __init__(self, names: dict[str, Any], functions: dict[str, Any]) -> None:
        self.names, self.functions = dict(names), dict(functions)
        self._classes = {
            id(value): (value, dict(vars(value)))
            for value in names.values()
            if isinstance(value, type) and value.__module__ == NOTEBOOK
        }
        self._filters, self._errors = list(warnings.filters), np.geterr()

    def restore(self, names: dict[str, Any], functions: dict[str, Any]) -> None:
        """Give both dictionaries, and the classes, what they held."""
        for current, kept in ((names, self.names), (functions, self.functions)):
            for name in current.keys() - kept.keys():
                del current[name]
            current.update(kept)
        for cls, attributes in self._classes.values():
            _restore_class(cls, attributes)
        warnings.filters[:] = self._filters  # type: ignore[index]
        np.seterr(**self._errors)

    def differs(self, later: "Snapshot", names: Iterable[str]) -> bool:
        """Tell whether one of the names, or a name that its code uses, is bound otherwise later."""
        waiting, seen = list(names), set[str]()
        while waiting:
            name = waiting.pop()
            if name in seen:
                continue
            seen.add(name)
            value = self._find(name)
            if value is not later._find(name) or not _same(self._of(value), later._of(value)):
                return True
            waiting += _names_in(value)
        return False

    def _of(self, value: Any) -> dict[str, Any]:
        """Return the attributes that a value had if it is one of the notebook's classes."""
        return self._classes.get(id(value), (None, {}))[1]

    def _find(self, name: str) -> Any:
        return find(name, self.names, self.functions)


def find(name: str, names: dict[str, Any], functions: dict[str, Any]) -> Any:
    """Return what a test means by a name of the notebook, None if there is no such name.

    A function or class that once had the name counts, unless another one has it now: a later
    `for step in range(30)` must not hide the function `step`. Otherwise it is the variable.

    Args:
        name: the name.
        names: the notebook's names.
        functions: whatever had once been callable under its name.
    """
    value, once = names.get(name), functions.get(name)
    if callable(value) or name not in functions:
        return value
    return once if name not in names or _is_defined(once) else value


def _is_defined(value: Any) -> bool:
    """Tell whether something is a function or a class, and no object with `__call__`."""
    wrapped = "__wrapped__" in getattr(value, "__dict__", {})
    return inspect.isroutine(value) or isinstance(value, type | partial) or wrapped


def _same(one: dict[str, Any], other: dict[str, Any]) -> bool:
    """Tell whether two dictionaries hold the very same objects."""
    return one.keys() == other.keys() and all(one[name] is other[name] for name in one)


def _restore_class(cls: type, attributes: dict[str, Any]) -> None:
    current = dict(vars(cls))
    for name in current.keys() | attributes.keys():
        with contextlib.suppress(AttributeError, TypeError):  # `__dict__`, `__weakref__`
            if name not in attributes:
                type.__delattr__(cls, name)
            elif current.get(name) is not attributes[name]:
                type.__setattr__(cls, name, attributes[name])


def _names_in(value: Any) -> Iterator[str]:
    """Yield the names that a function, or the methods of a class, may look up."""
    if isinstance(value, type) and value.__module__ == NOTEBOOK:
        for attribute in vars(value).values():
            yield from _names_in(attribute)
    value = getattr(value, "__func__", getattr(value, "__wrapped__", value))
    waiting = [value.__code__] if isinstance(value, FunctionType) else []
    while waiting:
        code = waiting.pop()
        yield from code.co_names
        waiting += [constant for constant in code.co_consts if isinstance(constant, CodeType)]
