"""What students have around their answers, which costs no point: cells before and after them."""

import ast
from collections.abc import Iterator

BEFORE: dict[str, tuple[str, ...]] = {
    "magics": (
        "%matplotlib inline\n%config InlineBackend.figure_format = 'retina'",
        "!pip install torch\n%pip install numpy",
        "%load_ext autoreload\n%autoreload 2",
    ),
    "noise_on_stderr": (
        "import logging, sys, warnings\nwarnings.warn('careful')\nlogging.error('oh')\n"
        "print('still here', file=sys.stderr)",
    ),
    "async_cell": ("import asyncio\nawait asyncio.sleep(0)",),
    "another_seed": (
        "import random\nimport numpy\nrandom.seed(1234)\nnumpy.random.seed(1234)",
        "import torch\ntorch.manual_seed(1234)",
    ),
    "more_threads": ("import torch\ntorch.set_num_threads(2)",),
    "run_from_a_file": ("%%writefile work.py\nfactor = 2\n", "%run work.py\nassert factor == 2"),
    "reset_in_the_middle": ("x = 1", "%reset -f"),
    "waits": ("import time\ntime.sleep(3600)",),
    "broken_scratch_cells": ("def broken(:\n    pass", "raise RuntimeError('scratch')"),
}
AFTER: dict[str, tuple[str, ...]] = {
    "broken_cells_after": (
        "undefined_name + 1",
        "open('data.csv')",
        "x = input('How many steps? ')",
        "1 +",
        "import a_module_that_does_not_exist",
    ),
    "answers_that_are_deleted": ("del {names}",),
    "answers_that_are_replaced": ("{names} = [5] * len('{names}'.split(','))",),
    "exit_at_the_end": ("exit()", "quit()", "import sys\nsys.exit(0)"),
    "much_output": ("print('x' * 5_000_000)", "for i in range(5000): print(i)"),
    "timed_cells": ("%%time\nsum(range(10))", "%timeit -n 1 -r 1 1 + 1", "len?"),
    "plots_left_open": (
        "import matplotlib.pyplot as plt\nplt.plot([1, 2])",
        "fig, ax = plt.subplots()\nax.plot([3])",
    ),
    "endless_scratch_cell": ("while True:\n    pass",),
    "another_seed_in_the_end": ("import torch\ntorch.seed()",),
    "gradients_off_in_the_end": ("import torch\ntorch.set_grad_enabled(False)",),
    "double_by_default_in_the_end": ("import torch\ntorch.set_default_dtype(torch.float64)",),
}


def surrounded(solution: str) -> Iterator[tuple[str, list[str]]]:
    """Yield a name and the cells of the solution among other cells, which must cost nothing.

    Cells with torch are left out for a solution without it.
    """
    definitions = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    tree = ast.parse(solution)
    names = ", ".join(part.name for part in tree.body if isinstance(part, definitions))
    for name, before, after in (
        *((name, cells, ()) for name, cells in BEFORE.items()),
        *((name, (), cells) for name, cells in AFTER.items()),
    ):
        parts = [*before, solution, *(cell.replace("{names}", names) for cell in after)]
        if not names:
            parts = [part for part in parts if "{names}" not in part]
        without = "torch" not in solution
        yield name, [part for part in parts if not (without and "import torch" in part)]
