"""What may surround answers: it fits any solution."""

from __future__ import annotations

from autograder.authoring.verification.surroundings import surrounded

SOLUTION = "import numpy as np\nN = 3\ndef f(x):\n    return x\nclass C:\n    pass\n"


def test_the_solution_is_among_the_cells_as_it_is() -> None:
    found = list(surrounded(SOLUTION))
    assert len({name for name, _ in found}) == len(found) >= 15
    assert all(cells.count(SOLUTION) == 1 for _, cells in found)


def test_names_of_the_answers_are_deleted_or_given_to_something_else() -> None:
    found = dict(surrounded(SOLUTION))
    assert found["answers_that_are_deleted"][-1] == "del f, C"
    names: dict[str, object] = {}
    exec("\n".join(found["answers_that_are_replaced"]), names)
    assert (names["f"], names["C"]) == (5, 5)


def test_there_is_torch_only_where_the_solution_uses_it() -> None:
    cells = [cell for _, cells in surrounded(SOLUTION) for cell in cells]
    assert not any("import torch" in cell for cell in cells)
    with_torch = [cell for _, cells in surrounded(f"import torch\n{SOLUTION}") for cell in cells]
    assert any("torch.seed" in cell for cell in with_torch)
