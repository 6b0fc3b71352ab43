"""What stands for an answer that is not plain Python data: operators, and a description.

Truth, comparison and arithmetic happen here, on plain data, never by a method of the student's.
What has no plain value is true of nothing and equals nothing: the test fails, and says what came.
"""

import math
import operator
import pkgutil
import sys
from collections.abc import Callable, Iterator
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograder.sandbox.worker.arrays import contents, tensor_of
from autograder.sandbox.worker.wire import NamedTuple, Tensor
from autograder.testing.failures import Mismatch, SuiteError
from autograder.testing.suite_code import is_suite
from autograder.testing.tables import is_frame, is_series

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

    @property  # type: ignore[misc]
    def __class__(self) -> type:
        """What `isinstance` looks at besides the type: in a suite, what it stands for."""
        return self._class_for_suite() if is_suite(sys._getframe(1)) else type(self)

    def _class_for_suite(self) -> type:
        """Return the class that `isinstance` shall see in a suite."""
        return type(self)

    def _is_instance(self, cls: Any) -> bool:
        """Say whether what it stands for is an instance of a class, named as in `instance_of`.

        Raises:
            SuiteError: there is no such class, or it cannot be known.
        """
        raise NotImplementedError

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

    def __format__(self, spec: str) -> str:
        __tracebackhide__ = True
        if not spec:
            return str(self)
        return str(self._apply(lambda value: format(_scalar(value), spec), self))

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[Any]:
        """Return its elements, for NumPy.

        Raises:
            Mismatch: some have no plain value; or there are none, and a function of NumPy or pytest
                asks. To those, an empty array is close to every number.
        """
        __tracebackhide__ = True
        value = self.plain()
        if _has_objects(value):
            raise Mismatch(
                f"Your code returned {describe(self)}, and what is in it is not plain data."
            )
        found = np.array(value, dtype=dtype)
        if found.size == 0 and not (self.in_reference or is_suite(sys._getframe(1))):
            raise Mismatch(f"Your code returned {describe(self)}, which has no elements.")
        return found

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **kwargs: Any) -> Any:
        __tracebackhide__ = True
        return self._apply(lambda *values: getattr(ufunc, method)(*values, **kwargs), *inputs)


def _has_objects(value: Any) -> bool:
    """Say whether a list contains what stays in the student's process; it may contain itself."""
    if isinstance(value, list | tuple):
        return any(_has_objects(item) for item in value)
    return isinstance(value, Answer) and not isinstance(value, TensorAnswer)


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
    """Return a comparison that broadcasts nothing but numbers, and those to some element."""

    def compare(one: Any, other: Any) -> Any:
        if isinstance(one, np.ndarray) or isinstance(other, np.ndarray):
            sizes = np.size(one), np.size(other)
            if np.shape(one) != np.shape(other) and (1 not in sizes or 0 in sizes):
                raise ValueError("the shapes differ")
        return comparison(one, other)

    return compare


for _name, _function in _operators():
    setattr(Answer, _name, _function)


class TensorAnswer(Answer, Tensor):
    """A tensor or array that came as an answer: compares and computes as a NumPy array does."""

    def __hash__(self) -> int:
        """Return the hash of a single number, which equals it; others are known by identity."""
        return hash(self.item()) if math.prod(self.shape) == 1 else object.__hash__(self)

    def _class_for_suite(self) -> type:
        if self.kind == "numpy":
            return np.ndarray
        torch = sys.modules.get("torch")
        return type(self) if torch is None else torch.Tensor

    def _is_instance(self, cls: Any) -> bool:
        if not isinstance(cls, str):  # a class of the notebook
            return False
        if self.kind == "numpy":
            return issubclass(np.ndarray, class_named(cls) or ())
        if cls.endswith(("Parameter", "Buffer", "FloatTensor")):
            raise SuiteError(f"instance_of: a tensor is a torch.Tensor here; {cls} is not known")
        return cls in ("torch.Tensor", "object", "builtins.object")

    def plain(self) -> Any:
        """Return the elements as a NumPy array."""
        return contents(self)

    def item(self) -> Any:
        """Return the only element."""
        __tracebackhide__ = True
        return self._apply(lambda array: array.item(), self)

    def __str__(self) -> str:
        return str(self.plain())

    def __contains__(self, item: Any) -> bool:
        __tracebackhide__ = True
        return bool(self._apply(operator.contains, self, item))

    def __len__(self) -> int:
        __tracebackhide__ = True
        return int(self._apply(len, self))

    def __iter__(self) -> Iterator[Any]:
        __tracebackhide__ = True
        return iter([self[index] for index in range(len(self))])

    def __getitem__(self, index: Any) -> Any:
        __tracebackhide__ = True
        part = self._apply(lambda array: array[plain(index)], self)
        if isinstance(part, str | bytes | np.datetime64 | np.timedelta64):
            return part
        found = tensor_of(np.asarray(part), self.kind)
        return type(self)(found.kind, found.dtype, found.shape, found.data)

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


def class_named(name: str) -> type | None:
    """Return the class with the name of a module and a qualified name, if its package is loaded.

    Raises:
        SuiteError: the package is loaded and has no such class.
    """
    name = name if "." in name else f"builtins.{name}"
    if name.partition(".")[0] not in sys.modules:
        return None
    try:
        found = pkgutil.resolve_name(name)
    except (ImportError, AttributeError, ValueError):
        found = None
    if not isinstance(found, type):
        raise SuiteError(f"instance_of: there is no class {name!r}")
    return found


def plain(value: Any) -> Any:
    """Return the plain value of an answer; anything else is as it is."""
    return value.plain() if isinstance(value, Answer) else value


def taken(value: Any, wanted: str) -> Any:
    """Return an object in the student's process as the plain data that it stands for, if any.

    A Series, an Index, a range and an array of objects are a list too, and a number if they hold
    one.
    """
    __tracebackhide__ = True
    if isinstance(value, Answer):
        value = value.take(wanted)
    if wanted == "items" and (isinstance(value, np.ndarray | range) or is_series(value)):
        return list(value)
    if wanted == "number" and is_series(value) and len(value) == 1:
        return value.item()
    return value


class DecimalAnswer(Decimal):
    """A `Decimal` that came as an answer: it meets a float, and NumPy, as a float."""

    __slots__ = ()
    __hash__ = Decimal.__hash__

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[Any]:
        return np.array(as_float(self), dtype=dtype)


class FractionAnswer(Fraction):
    """A `Fraction` that came as an answer: it meets a float, and NumPy, as a float."""

    __slots__ = ()
    __hash__ = Fraction.__hash__

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[Any]:
        return np.array(as_float(self), dtype=dtype)

    def __format__(self, spec: str) -> str:
        return format(as_float(self), spec) if spec else str(self)


def exact(value: Decimal | Fraction) -> DecimalAnswer | FractionAnswer:
    """Return an exact number as an answer."""
    if isinstance(value, Decimal):
        return DecimalAnswer(value)
    return FractionAnswer(value)


def as_float(value: Any) -> float:
    """Return the float that is closest to a number, infinity if it is too large for any."""
    try:
        return float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf


def _meeting_floats(base: type, name: str) -> Callable[[Any, Any], Any]:
    """Return an operator's method of an exact number for a float on the other side."""
    inexact, exactly = getattr(float, name), getattr(base, name)

    def operate(self: Any, other: Any) -> Any:
        if isinstance(other, float | np.floating):
            return inexact(as_float(self), float(other))
        return exactly(self, other)

    return operate


for _name in (*COMPARISONS, *ARITHMETIC[:-1], *(f"r{name}" for name in ARITHMETIC[:-1])):
    for _class in (DecimalAnswer, FractionAnswer):
        _base: type = _class.__mro__[1]
        setattr(_class, f"__{_name}__", _meeting_floats(_base, f"__{_name}__"))


def describe(value: Any) -> str:
    """Describe the kind of a value, not its contents: they may reveal a hidden input."""
    if value is None:
        return "None (is a `return` missing?)"
    if isinstance(value, Tensor | np.ndarray):
        library = "tensor" if isinstance(value, Tensor) and value.kind != "numpy" else "NumPy array"
        return f"a {library} of shape {value.shape}"
    if is_frame(value):
        return f"a DataFrame of shape {value.shape}"
    if isinstance(value, list | tuple | set | frozenset | dict):
        name = "tuple" if isinstance(value, NamedTuple) else type(value).__name__
        return f"a {name} of {len(value)}"
    name = getattr(getattr(value, "_ref", None), "type", type(value).__name__)
    if name == "int" and type(value) is not int:  # it stayed in the process
        return "an integer of thousands of digits"
    names = {"str": "text", "float": "a number", "int": "a number", "bool": "True or False"}
    names |= {"DecimalAnswer": "a Decimal", "FractionAnswer": "a Fraction"}
    article = "an" if name[:1].lower() in tuple("aeiou") else "a"
    return names.get(name, f"{article} {name}"[:60])
