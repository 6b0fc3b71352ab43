"""Makes what the student's code draws at random reproducible."""

from typing import Any

from autograder.testing.student import Remote
from autograder.testing.support_code import SupportCode, require_function

RANDOMNESS = SupportCode("randomness.py", "numpy")


def seeded(function: Any, *args: Any, seed: int = 0, **kwargs: Any) -> Any:
    """Call a function or class of the student's with random generators seeded.

    Those of Python, NumPy and torch, if that is loaded, are seeded before the call, and are
    afterwards as they were before. For example: `model = seeded(student.Net, 4, seed=1)`.

    Args:
        function: a function, class or method in the student's process.
        args: its arguments.
        seed: the seed.
        kwargs: its arguments by name.

    Raises:
        Mismatch: the notebook has something else under that name.
        SuiteError: `function` is not in the student's process.
    """
    __tracebackhide__ = True
    require_function(function, "seeded")
    answer = RANDOMNESS.load(function).seeded(function, seed, list(args), kwargs)
    if isinstance(answer, Remote):
        vars(answer)["_name"] = f"{function._name}(…)"
    return answer
