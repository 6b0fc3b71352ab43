"""A module's name stands for one thing, so that people find what they look for."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from tests.conftest import ROOT

SAME_EVERYWHERE = {"__init__", "__main__", "conftest"}


ASSIGNMENTS = ROOT / "tests/corpus/level2"
"""Each folder holds the same: answers to an assignment."""


def module_names(folder: Path) -> list[str]:
    """Return the names of modules, those of suites aside: their contract names them."""
    suites = ROOT / "autograder" / "suites"
    return [
        path.stem
        for path in folder.rglob("*.py")
        if not path.is_relative_to(suites)
        and not path.is_relative_to(ASSIGNMENTS)
        and path.stem not in SAME_EVERYWHERE
    ]


@pytest.mark.parametrize("folder", ["autograder", "tests"])
def test_no_two_modules_have_the_same_name(folder: str) -> None:
    names = module_names(ROOT / folder)
    assert len(names) > 100
    assert [name for name, count in Counter(names).items() if count > 1] == []


@pytest.mark.parametrize("folder", ["autograder", "tests"])
def test_every_module_says_in_its_first_line_what_it_is_for(folder: str) -> None:
    silent = [
        str(path.relative_to(ROOT))
        for path in (ROOT / folder).rglob("*.py")
        if not path.read_text(encoding="utf-8").startswith(('"""', 'r"""'))
    ]
    assert silent == []
