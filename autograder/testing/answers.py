"""What stands for an answer that is not plain Python data: operators, and a description.

Truth, comparison and arithmetic happen here, on plain data, never by a method of the student's.
What has no plain value is true of nothing and equals nothing: the test fails, and says what came.
"""

import operator
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograder.diagnosis.observations import elements
from autograder.sandbox.worker.wire import NamedTuple, Tensor
from autograder.testing.failures import Mismatch, SuiteError

COMPARISONS = ("eq", "ne", "lt", "le", "gt", "ge")
ARITHMETIC = ("add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "matmul")
REFLECTED = (*ARITHMETIC, "and", "or", "xor")
UNARY = ("neg", "pos", "abs", "invert")


class Answer:
    """An answer with operators; `plain` returns its plain value.

    An operator whose operands do not fit raises a `Mismatch`, as the answer is to blame; or a
    `SuiteError` if all answers are the reference's.
    """

    __hash__ = object.__hash__
    in_reference = False  # whether the reference solution gave it

    def take(self, wanted: str) -> Any:
        """Return its plain value (a "number", "items" or "any"), or itself if it has none."""
        return self

    def plain(self) -> Any:
        """Return its plain value.

        Raises:
            Mismatch: it has none.
        """
        raise NotImplementedError

    def _apply(self, operation: Callable[..., Any], *operands: Any) -> Any:
        __tracebackhide__ = True
        values = [plain(operand) for operand in operands]
        try:
            return operation(*values)
        except (TypeError, ValueError, ArithmeticError, IndexError) as error:
            answers = [operand for operand in operands if isinstance(operand, Answer)]
            if wrong := [answer for answer in answers if not answer.in_reference]:
                raise Mismatch(
                    f"Your code returned {describe(wrong[0])}, which does not fit here."
                ) from None
            raise SuiteError(f"what the reference gave does not fit here: {error}") from None

    def __bool__(self) -> bool:
        __tracebackhide__ = True
        return bool(self._apply(bool, self))

    def __float__(self) -> float:
        __tracebackhide__ = True
        return float(self._apply(lambda value: float(_scalar(value)), self))

    def __int__(self) -> int:
        __tracebackhide__ = True
        return int(self._apply(lambda value: int(_scalar(value)), self))

    def __index__(self) -> int:
        __tracebackhide__ = True
        return int(self._apply(lambda value: operator.index(_scalar(value)), self))

    def __round__(self, digits: int | None = None) -> Any:
        __tracebackhide__ = True
        return self._apply(lambda value: round(_scalar(value), digits), self)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[Any]:
        __tracebackhide__ = True
        return np.array(self.plain(), dtype=dtype)

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **kwargs: Any) -> Any:
        __tracebackhide__ = True
        return self._apply(lambda *values: getattr(ufunc, method)(*values, **kwargs), *inputs)


def _operators() -> Iterator[tuple[str, Callable[..., Any]]]:
    def binary(operation: Callable[..., Any]) -> Callable[..., Any]:
        return lambda self, other: self._apply(operation, self, other)

    def reflected(operation: Callable[..., Any]) -> Callable[..., Any]:
        return lambda self, other: self._apply(operation, other, self)

    for name in COMPARISONS:
        yield f"__{name}__", binary(_same_shape(getattr(operator, name)))
    for name in REFLECTED:
        operation = getattr(operator, f"__{name}__")
        yield f"__{name}__", binary(operation)
        yield f"__r{name}__", reflected(operation)
    for name in UNARY:
        operation = getattr(operator, name)
        yield f"__{name}__", lambda self, operation=operation: self._apply(operation, self)


def _same_shape(comparison: Callable[..., Any]) -> Callable[..., Any]:
    """Return a comparison that broadcasts nothing but numbers."""

    def compare(one: Any, other: Any) -> Any:
        arrays = isinstance(one, np.ndarray) or isinstance(other, np.ndarray)
        if arrays and 1 not in (np.size(one), np.size(other)) and np.shape(one) != np.shape(other):
            raise ValueError("the shapes differ")
        return comparison(one, other)

    return compare


for _name, _function in _operators():
    setattr(Answer, _name, _function)


class TensorAnswer(Answer, Tensor):
    """A tensor or array that came as an answer: compares and computes as a NumPy array does."""

    __hash__ = object.__hash__

    def plain(self) -> Any:
        """Return the elements as a NumPy array."""
        return contents(self)

    def item(self) -> Any:
        """Return the only element."""
        __tracebackhide__ = True
        return self._apply(lambda array: array.item(), self)

    def __len__(self) -> int:
        __tracebackhide__ = True
        return int(self._apply(len, self))

    def __iter__(self) -> Iterator[Any]:
        __tracebackhide__ = True
        return iter([self[index] for index in range(len(self))])

    def __getitem__(self, index: Any) -> Any:
        __tracebackhide__ = True
        part = self._apply(lambda array: np.asarray(array[plain(index)]), self)
        return type(self)(self.kind, part.dtype.name, part.shape, part.tobytes())

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_") or not hasattr(np.ndarray, name):
            raise AttributeError(f"{describe(self)} has no {name!r}", name=name, obj=self)
        return getattr(self.plain(), name)


class ReferenceTensor(TensorAnswer):
    """A tensor or array that the reference solution gave."""

    __hash__ = object.__hash__
    in_reference = True


def _scalar(value: Any) -> Any:
    return value.item() if isinstance(value, np.ndarray) else value


def plain(value: Any) -> Any:
    """Return the plain value of an answer; anything else is as it is."""
    return value.plain() if isinstance(value, Answer) else value


def taken(value: Any, wanted: str) -> Any:
    """Return an object in the student's process as the plain data that it stands for, if any."""
    __tracebackhide__ = True
    return value.take(wanted) if isinstance(value, Answer) else value


def contents(tensor: Tensor) -> NDArray[Any]:
    """Return the elements of a tensor as an array of its own dtype; bfloat16 becomes float64."""
    if tensor.dtype == "bfloat16":
        return elements(tensor)
    data = np.frombuffer(tensor.data, np.dtype(tensor.dtype).newbyteorder("<"))
    return data.astype(tensor.dtype).reshape(tensor.shape)


def describe(value: Any) -> str:
    """Describe the kind of a value, not its contents: they may reveal a hidden input."""
    if value is None:
        return "None (is a `return` missing?)"
    if isinstance(value, Tensor):
        library = "NumPy array" if value.kind == "numpy" else "tensor"
        return f"a {library} of shape {value.shape}"
    if isinstance(value, list | tuple | set | dict):
        name = "tuple" if isinstance(value, NamedTuple) else type(value).__name__
        return f"a {name} of {len(value)}"
    name = getattr(getattr(value, "_ref", None), "type", type(value).__name__)
    if name == "int" and type(value) is not int:  # it stayed in the process
        return "an integer of thousands of digits"
    names = {"str": "text", "float": "a number", "int": "a number", "bool": "True or False"}
    article = "an" if name[:1].lower() in tuple("aeiou") else "a"
    return names.get(name, f"{article} {name}"[:60])
