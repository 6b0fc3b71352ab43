"""Says what usually causes an exception in a student's code, and where to look.

Pure functions of the type and message of an exception, and of a notebook's cells. Only what the
exception itself shows is explained; nothing is guessed.
"""

import difflib
import re
from collections.abc import Mapping, Sequence
from itertools import islice
from typing import Any

from autograder.sandbox.execution_errors import line_of

MAX_DEFINITIONS = 1000  # of a notebook, among which a similar name is looked for

DEFINITION = re.compile(r"^(?:(?:def|class)[ \t]+(\w+)|(\w+)[ \t]*=(?!=))", re.MULTILINE)
NONE = (
    "Something is None here. A gradient is None until backward() has run, and a function without "
    "a return line returns None."
)
ADVICE: Mapping[str, Mapping[str, str]] = {
    "RuntimeError": {
        r"leaf Variable that requires grad.*in-place": (
            "PyTorch does not let you change a parameter in place while it records operations on "
            "it. Put the update inside `with torch.no_grad():`."
        ),
        r"does not require grad and does not have a grad_fn": (
            "backward() has nothing to go back through: the loss does not depend on a tensor with "
            "requires_grad=True. Look for .detach(), .item(), .data, torch.no_grad() or a new "
            "torch.tensor(...) between the parameters and the loss."
        ),
        r"backward through the graph a second time": (
            "backward() was called twice on the same loss. Compute the loss again for each step."
        ),
        r"grad can be implicitly created only for scalar outputs": (
            "backward() was called on a tensor with several elements. The loss must be one number: "
            "take the mean."
        ),
        r"mat1 and mat2 shapes cannot be multiplied|size mismatch|inner dimensions": (
            "The shapes do not fit a matrix product: (n, k) times (k, m) gives (n, m). Print the "
            "shapes of both, and check their order."
        ),
        r"The size of tensor a .* must match the size of tensor b": (
            "One operation combines two tensors whose shapes do not match. Print the shape of each."
        ),
        r"[Oo]nly Tensors of floating point|expected .* (Float|Double)|must have the same dtype": (
            "The tensors have different dtypes, or one holds integers. Use floats: 3.0 instead of "
            "3, or .float()."
        ),
    },
    "TypeError": {
        r"unsupported operand type\(s\) for .*'NoneType'": NONE,
        r"takes \d+ positional arguments? but \d+ (was|were) given": (
            "The function is called with more arguments than its `def` line has. Keep the `def` "
            "line of the assignment; the first argument of a method is `self`."
        ),
        r"got an unexpected keyword argument|missing \d+ required positional": (
            "The function is not called the way its `def` line says. Keep the `def` line of the "
            "assignment, with the same names of arguments and the same defaults."
        ),
    },
    "AttributeError": {r"'NoneType' object has no attribute": NONE},
    "UnboundLocalError": {
        r"": (
            "A name is used in this function before it has a value. If you write `x -= ...` for a "
            "name from outside the function, Python treats it as a new local name."
        ),
    },
    "NameError": {
        r"name '(\w+)' is not defined$": (
            "This name is not defined at that point. Check the spelling, and whether the cell that "
            "defines it comes earlier in the notebook and runs."
        ),
    },
    "PermissionError": {
        r"": (
            "While your notebook is graded, your code cannot start programs or processes, reach "
            "the network, or open files outside its own folder."
        ),
    },
    "RecursionError": {r"": "A function calls itself without end."},
    "MemoryError": {
        r"": (
            "Your code asked for more memory than there is. Look for a tensor with n × n elements: "
            "subtracting shapes (n, 1) and (n,) gives one."
        ),
    },
}
"""What a student reads, by the exception's type and a pattern that its message matches."""

ARGUMENTS = re.compile(r"positional argument|unexpected keyword argument")
OWN_CALL = (
    "This line calls a function with arguments that it does not take. Compare the call with the "
    "function's `def` line, or with its documentation if it belongs to a library."
)


def advice(type: str, message: str, *, own_line: bool = False) -> str:
    """Return what to look for after an exception, "" if nothing is known about it.

    With `own_line`, a line of the student's raised it, not a call by a test.
    """
    if own_line and type == "TypeError" and ARGUMENTS.search(message):
        return OWN_CALL
    for pattern, text in ADVICE.get(type, {}).items():
        if re.search(pattern, message, re.DOTALL):
            return text
    return ""


def why_missing(name: str, cells: Sequence[str], errors: Sequence[tuple[str, str] | None]) -> str:
    """Say why a notebook does not define a function, class or variable.

    Args:
        name: what a test asked for.
        cells: the sources of the notebook's cells.
        errors: for each cell that ran, the type and message of the exception that ended it, or
            None; the type is "" if it was something other than an exception.
    """
    definition = re.compile(
        rf"^[ \t]*(?:(?:async[ \t]+)?(?:def|class)[ \t]+{name}\b|{name}[ \t]*(?::[^=\n]*)?=(?!=))",
        re.MULTILINE,
    )
    for number, (cell, error) in enumerate(zip(cells, errors, strict=False), 1):
        if error is not None and definition.search(cell):
            which = f"There is no `{name}`: cell {number}, which defines it,"
            if not error[0]:
                return f"{which} did not finish. {error[1]}"
            return (
                f"{which} stopped with {error[0]}: {_with_line(error[1], cell)}. Restart the "
                "kernel and run all cells to see it."
            )
    found = (match[1] or match[2] for cell in cells for match in DEFINITION.finditer(cell))
    others = dict.fromkeys(islice(found, MAX_DEFINITIONS))
    near = difflib.get_close_matches(name, others.keys() - {name}, n=1, cutoff=0.6)
    if near:
        return (
            f"There is no `{name}` in your notebook, but there is `{near[0]}`. "
            "Keep the names of the assignment."
        )
    return (
        f"There is no `{name}` in your notebook. Was its cell deleted, or turned into text? "
        "Restart the kernel and run all cells."
    )


def _with_line(message: str, cell: str) -> str:
    """Show the line of the cell that the message of a syntax error names."""
    found = re.search(r" \(<cell \d+>, line (\d{1,6})\)$", message)
    line = line_of(cell, int(found[1])) if found else ""
    if not found or not line:
        return message
    return f"{message[: found.start()]}, in line {found[1]}: `{line}`"


def error_of(outputs: Sequence[dict[str, Any]]) -> tuple[str, str] | None:
    """Return the type and message of the exception among a cell's outputs, if there is one."""
    for output in outputs:
        if output.get("output_type") == "error":
            return str(output["ename"]), str(output["evalue"])
    return None
