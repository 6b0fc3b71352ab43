"""Notes what the bare assertions of a test cell compare: `assert double(2) == 4`."""

import ast
import operator
import reprlib
from collections.abc import Callable
from typing import Any

NAME = "__autograder_compared__"
"""The name of the function that compares, in the code of a test cell."""

OPERATORS: dict[type[ast.cmpop], Callable[[Any, Any], Any]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Is: operator.is_,
    ast.IsNot: operator.is_not,
    ast.In: lambda item, items: item in items,
    ast.NotIn: lambda item, items: item not in items,
}
BY_NAME = {kind.__name__: compare for kind, compare in OPERATORS.items()}


class Comparisons(ast.NodeTransformer):
    """Lets assertions without a message note the two values that they compare."""

    def __init__(self) -> None:
        self._last: tuple[int, Any, Any] | None = None  # line, left and right side

    def visit_Assert(self, node: ast.Assert) -> ast.Assert:
        """Let `assert left == right` call `compare`, which gives the same."""
        match node:
            case ast.Assert(
                test=ast.Compare(left=left, ops=[op], comparators=[right]), msg=None
            ) if type(op) in OPERATORS:
                what = [ast.Constant(type(op).__name__), ast.Constant(node.lineno)]
                call = ast.Call(ast.Name(NAME, ast.Load()), [*what, left, right], [])
                node.test = ast.fix_missing_locations(ast.copy_location(call, node.test))
        return node

    def begin(self) -> None:
        """Forget what was compared before."""
        self._last = None

    def compare(self, name: str, line: int, left: Any, right: Any) -> Any:
        """Return what an operator gives, and note its operands."""
        self._last = line, left, right
        return BY_NAME[name](left, right)

    def sides(self, error: BaseException | None, line: int) -> list[str]:
        """Return both sides as text, if they are what an assertion in a line failed for.

        Args:
            error: what has ended the cell.
            line: the line of the cell that raised it.
        """
        if type(error) is not AssertionError or error.args or self._last is None:
            return []
        where, left, right = self._last
        return [_shown(left), _shown(right)] if where == line else []


def _shown(value: Any) -> str:
    """Return a value as short text."""
    if type(value).__module__ == "numpy" and getattr(value, "shape", None) == ():
        value = value.item()  # not `np.float64(2.0)`
    short = reprlib.Repr()
    short.maxlevel, short.maxstring, short.maxlong, short.maxother = 3, 100, 40, 300
    short.maxlist = short.maxtuple = short.maxset = short.maxfrozenset = short.maxdict = 12
    return short.repr(value)[:1000]
