"""Right answers in odd notebooks and files, as people reported them of other graders."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder.suites.linear_regression.answers import FORWARD, GRADIENTS, STEP
from tests.conftest import ROOT, with_few_pictures

NAME = "linear_regression"
FILE = f"{NAME}.ipynb"
RELEASE = with_few_pictures(json.loads((ROOT / "assignments" / NAME / FILE).read_text()))
ANSWERS = {"gradients": GRADIENTS, "forward": FORWARD, "step": STEP}

Document = dict[str, Any]


@dataclass(frozen=True)
class Odd:
    """A submission: its files, the least score that is right, and what is said if it gets less."""

    files: dict[str, bytes]
    score: float = 100
    words: str = ""
    slow: bool = False


def notebook(**answers: str) -> Document:
    """Return the released notebook with right answers, or with others where they are given."""
    document: Document = copy.deepcopy(RELEASE)
    for name, source in (ANSWERS | answers).items():
        cell(document, name)["source"] = source
    return document


def cell(document: Document, grade_id: str) -> Document:
    """Return the cell with this nbgrader id."""
    cells: list[Document] = document["cells"]
    return next(
        found
        for found in cells
        if found["metadata"].get("nbgrader", {}).get("grade_id") == grade_id
    )


def code(source: str) -> Document:
    return {
        "cell_type": "code",
        "id": f"odd-{abs(hash(source)) % 10**8}",
        "metadata": {},
        "execution_count": None,
        "outputs": [],
        "source": source,
    }


def to_bytes(document: Document) -> bytes:
    return json.dumps(document, ensure_ascii=False).encode()


def odd(document: Document, **more: Any) -> Odd:
    return Odd({FILE: to_bytes(document)}, **more)


def later(*sources: str, **answers: str) -> Odd:
    """Return a submission with more cells at the end."""
    document = notebook(**answers)
    document["cells"] += map(code, sources)
    return odd(document)


def changed(change: Callable[[Document], object], **more: Any) -> Odd:
    document = notebook()
    change(document)
    return odd(document, **more)


def first(line: str, words: str) -> Odd:
    """Return a submission with a line before its imports."""

    def change(document: Document) -> None:
        imports = next(c for c in document["cells"] if "import torch" in "".join(c["source"]))
        imports["source"] = line + "".join(imports["source"])

    return changed(change, words=words)


def without_outputs(document: Document) -> None:
    for found in document["cells"]:
        if found["cell_type"] == "code":
            found["outputs"], found["execution_count"] = None, "3"


def without_metadata(document: Document) -> None:
    del document["metadata"]
    for found in document["cells"]:
        if not found["metadata"].get("nbgrader"):
            del found["metadata"]


def as_raw(document: Document) -> None:
    answer = cell(document, "step")
    answer["cell_type"] = "raw"
    del answer["outputs"], answer["execution_count"]


PAIR = "a.grad, b.grad"
LOSS = "return loss.item()"
ENDLESS_STEP = "def step(X, y, model, lr=0.1):\n    while True:\n        pass"
WAITS = "import threading\nthreading.Event().wait(2.0)"
HELPED = "from helpers import mse\n\n\n" + STEP.replace(
    "((model.forward(X).squeeze(1) - y) ** 2).mean()", "mse(model.forward(X).squeeze(1), y)"
)
PYTHON_313 = STEP.replace(
    "    return", "    info = {'loss': 1}\n    print(f'{info['loss']}')\n    return"
)
RIGHT = to_bytes(notebook())
STUB = (ROOT / "assignments" / NAME / FILE).read_bytes()
SCRATCH = to_bytes({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": []})


def with_waiting_cell() -> Document:
    document = notebook(step=ENDLESS_STEP)
    document["cells"].insert(3, code(WAITS))
    return document


ODD = {
    # what stands after a check
    "later alias": later(
        "N, F = X.shape",
        gradients=f"import torch.nn.functional as F\n\n{GRADIENTS}",
        step=STEP.replace(
            "((model.forward(X).squeeze(1) - y) ** 2).mean()",
            "F.mse_loss(model.forward(X).squeeze(1), y)",
        ),
    ),
    "later import": later("from torch.nn import Linear, MSELoss\nprint(Linear(1, 1)(X[:2]))"),
    "later experiment": later("def step(X, y, model, lr=0.1):\n    raise NotImplementedError"),
    "later stub": later("".join(cell(RELEASE, "step")["source"])),
    "later correction": later(STEP, step="".join(cell(RELEASE, "step")["source"])),
    # time
    "endless beside a waiting cell": odd(with_waiting_cell(), score=45, slow=True),
    "endless after the answer": odd(
        notebook(step=f"{STEP}\n\nwhile True:\n    step(X, y, Linear(1, 1))"), score=80, slow=True
    ),
    "plot in each step": odd(
        notebook(step=STEP.replace("    return", "    plt.figure(); plt.plot(y)\n    return")),
        slow=True,
    ),
    # values
    "namedtuple": odd(
        notebook(
            gradients="from collections import namedtuple\nPair = namedtuple('Pair', 'da db')\n"
            + GRADIENTS.replace(PAIR, f"Pair({PAIR})")
        )
    ),
    "deque": odd(
        notebook(
            gradients="from collections import deque\n"
            + GRADIENTS.replace(PAIR, f"deque([{PAIR}])")
        )
    ),
    "fractions": odd(
        notebook(
            gradients="from fractions import Fraction\n"
            + GRADIENTS.replace(PAIR, "(Fraction(a.grad.item()), Fraction(b.grad.item()))")
        )
    ),
    "decimal": odd(
        notebook(
            step="from decimal import Decimal\n" + STEP.replace(LOSS, "return Decimal(loss.item())")
        )
    ),
    "float subclass": odd(
        notebook(
            step="class Loss(float):\n    pass\n\n" + STEP.replace(LOSS, "return Loss(loss.item())")
        )
    ),
    # a line that cannot run here
    "missing module": first("import json\nimport some_package_that_is_not_here\n", "some_package"),
    "colab": first("from google.colab import drive\ndrive.mount('/content/drive')\n", "google"),
    "other folder": first("import os\nos.chdir('/content/drive/MyDrive')\n", "/content/drive"),
    "newer python": changed(
        lambda d: (
            cell(d, "step").update(source=PYTHON_313),
            d["metadata"].update(language_info={"name": "python", "version": "3.13.2"}),
        ),
        words="Python 3.13",
    ),
    # files
    "byte-order mark": Odd({FILE: b"\xef\xbb\xbf" + RIGHT}),
    "null outputs": changed(without_outputs),
    "no metadata": changed(without_metadata),
    "answer became raw": changed(as_raw),
    # names
    "Copy1 beside scratch": Odd({f"{NAME}-Copy1.ipynb": RIGHT, "scratch.ipynb": SCRATCH}),
    "Copy of beside scratch": Odd({f"Copy of {FILE}": RIGHT, "Untitled0.ipynb": SCRATCH}),
    "stub beside Copy1": Odd({FILE: STUB, f"{NAME}-Copy1.ipynb": RIGHT}, words="Copy1"),
    "txt": Odd({f"{FILE}.txt": RIGHT}),
    "upper case": Odd({FILE.upper(): RIGHT}),
    "python file": Odd({f"{NAME}.py": b"import torch\n"}, words=f"{NAME}.py"),
    "helper module": Odd(
        {
            FILE: to_bytes(notebook(step=HELPED)),
            "helpers.py": b"def mse(p, y):\n    return ((p - y) ** 2).mean()\n",
        },
        words="helpers",
    ),
}
"""Odd submissions, by the student's name."""


def write(submitted: Path, students: Iterable[str]) -> None:
    """Write the submissions of these students in nbgrader's layout."""
    for student in students:
        for name, content in ODD[student].files.items():
            path = submitted / student / NAME / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
