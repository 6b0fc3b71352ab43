"""The kit's attacks fit any solution."""

from __future__ import annotations

import ast

from autograder.authoring.verification.dishonest import ATTACKS, Attack, attacks_on, worthless

SOLUTION = '''
import numpy as np
from torch import nn

RATE = print("computed")

@np.vectorize
def f(x, y=1):
    """Return x."""
    return x

class Net(nn.Module):
    """A net."""
    size = 3

    def __init__(self):
        super().__init__()
        self.layer = nn.Linear(2, 1)

    def forward(self, x):
        return self.layer(x)
'''


def test_every_function_of_worthless_work_returns_the_same() -> None:
    assert worthless(SOLUTION, "(0, [])") == ast.unparse(
        ast.parse('''
import numpy as np
from torch import nn

@np.vectorize
def f(x, y=1):
    return (0, [])

class Net(nn.Module):
    """A net."""
    size = 3

    def __init__(self):
        super().__init__()
        self.layer = nn.Linear(2, 1)

    def forward(self, x):
        return (0, [])
''')
    )


def test_cells_stand_before_and_after_the_answers() -> None:
    before, answers, after = Attack("a", after="print(2)", before="  x = 1").cells("def f(): pass")
    assert (before, answers, after) == ("x = 1", "def f():\n    return None", "print(2)")


def test_the_first_is_no_attack_and_names_are_unique() -> None:
    (name, cells), *others = attacks_on("def f(x):\n    return x")
    assert (name, cells) == ("worthless", ["def f(x):\n    return None"])
    assert len(others) >= 60
    assert len({attack.name for attack in ATTACKS}) == len(ATTACKS)


def test_there_is_torch_only_where_the_solution_uses_it() -> None:
    with_torch, without = (
        dict(attacks_on(code)) for code in ("import torch\ndef f(): pass", "def f(): pass")
    )
    assert {"nan_tensor", "patches_torch"} <= with_torch.keys() - without.keys()
    assert not any("torch" in cell for cells in without.values() for cell in cells)


def test_attacks_are_python() -> None:
    for _, cells in attacks_on("import torch\ndef f(): pass"):
        for cell in cells:
            ast.parse(cell)
