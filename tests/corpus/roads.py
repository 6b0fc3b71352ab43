"""A few hostile submissions, to be sent down each road to a grade beside an honest one.

tests/test_attacks.py and tests/test_hostile_inputs.py have them all, on the road of `grade`.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from autograder.suites.linear_regression.accepted import ACCEPTED
from tests.conftest import COURSE_OF_ONE, ROOT, notebook
from tests.corpus.hostile import EVIL, zipped

NAME = "linear_regression"
FILE = f"{NAME}.ipynb"
GOOD = ACCEPTED[0].cells()
LONG = "\N{GRINNING FACE}" * 62  # with `.ipynb` as long as a file system allows
ORDERS = (
    "\\n::error::owned\\n::set-output name=score::100\\n##[error]owned\\n\\x1b[31mred\\nscore=100"
)

SPY = """
import glob, os, pathlib
seen = [f"{name}={value}" for name, value in os.environ.items() if "SECRET" in name or "GITHUB" in name]
files = ["{root}/course.yml", "{root}/secret", "/proc/1/environ", f"/proc/{os.getppid()}/environ"]
for path in files + glob.glob("{root}/*"):
    try:
        seen.append(pathlib.Path(path).read_text()[:40])
    except OSError:
        pass
for name in ("course.yml", "secret", "owned", "results/results.json"):
    try:
        pathlib.Path("{root}", name).write_text("owned")
        seen.append(name)
    except OSError:
        pass
def polynomial_gradients(a, b):
    raise ValueError(f"seen: {len(seen)} {seen}ORDERS")
""".replace("ORDERS", ORDERS)


def encoded(cells: Any) -> bytes:
    """Return a notebook of cells, or of a whole document."""
    return json.dumps(cells if isinstance(cells, dict) else notebook(cells)).encode()


def spy(root: Path) -> bytes:
    """Return right answers, and code that reads and writes below a folder and gives orders."""
    return encoded([*GOOD, SPY.replace("{root}", str(root)), f"print('''{ORDERS}''')"])


def submissions(root: Path) -> dict[str, tuple[dict[str, bytes], float]]:
    """Return the files of each submission, and the points that it gets."""
    return {
        "ada": ({FILE: encoded(GOOD)}, 100),
        "spy": ({FILE: spy(root)}, 80),
        "evil": ({FILE: encoded(EVIL)}, 100),
        "long": ({f"{LONG}.ipynb": encoded(GOOD)}, 100),
        "archive": ({FILE: zipped("../../owned")}, 0),
        "beside": ({FILE: encoded(GOOD), "results.json": b'{"score": 1000}', "torch.py": b"owned"}, 100),
    }  # fmt: skip


def write(folder: Path, files: dict[str, bytes]) -> Path:
    """Write the files of a submission into a folder."""
    folder.mkdir(parents=True)
    for name, content in files.items():
        (folder / name).write_bytes(content)
    return folder


def deepen(folder: Path) -> None:
    """Make folders in a folder, so deep that no path leads to the last."""
    before = os.open(".", os.O_RDONLY)
    try:
        os.chdir(folder)
        for _ in range(30):
            os.mkdir("d" * 250)
            os.chdir("d" * 250)
    finally:
        os.fchdir(before)
        os.close(before)


def course_in(folder: Path) -> Path:
    """Make the folder of a course with a secret in it, which no submission may read."""
    folder.mkdir()
    (folder / "course.yml").write_bytes(COURSE_OF_ONE.encode())
    (folder / "solutions").symlink_to(ROOT / "solutions")
    (folder / "secret").write_text("a secret that nobody may see")
    return folder
