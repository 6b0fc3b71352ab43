"""What modules import is found by reading them."""

from __future__ import annotations

from pathlib import Path

from autograder.authoring.student_kit.imports import needed

FILES = {
    "house/__init__.py": "",
    "house/door.py": "from .hall import lamp\nimport os, numpy.linalg\n",
    "house/hall.py": "def lamp():\n    from house.cellar import fuse\n    import click as c\n",
    "house/cellar.py": "from . import attic\n",
    "house/attic.py": (
        "from typing import TYPE_CHECKING\n"
        "if TYPE_CHECKING:\n    from house import ghost\n"
        "try:\n    from house import ghost\n    import yaml\n"
        "except ModuleNotFoundError:\n    from house import garden\n"
        "try:\n    import pytest\nexcept ValueError:\n    pass\n"
    ),
    "house/garden.py": "",
    "house/ghost.py": "",
    "shed/tools.py": "from ..garden import x\nfrom house.shed.more import y\n",
    "shed/more.py": "",
}


def test_imports_are_followed_to_the_end(tmp_path: Path) -> None:
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    packages = {"house": tmp_path / "house", "house.shed": tmp_path / "shed"}
    found = needed(["house.door"], packages)
    names = ("", ".door", ".hall", ".cellar", ".attic", ".garden")
    assert set(found.files) == {f"house{name}" for name in names}
    assert found.others == {"numpy", "click", "pytest"}
    assert found.asked_by["house.cellar"] == "house.hall"
    shed = needed(["house.shed.tools"], packages)
    assert set(shed.files) == {"house", "house.shed.tools", "house.shed.more", "house.garden"}
    assert shed.files["house.shed.more"] == tmp_path / "shed" / "more.py"
