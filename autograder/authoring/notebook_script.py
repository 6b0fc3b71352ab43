"""Makes a notebook from a script in which lines with `# %%` begin the cells.

# %% [markdown]            text, each line after a #
# %%                       code
# %% solution NAME         code that students fill in
# %% tests NAME POINTS     visible tests, which students cannot change
"""

import json
import re
from typing import Any

MARK = re.compile(r"^# %%(.*)\n", re.MULTILINE)
METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}


def notebook_from(script: str) -> bytes:
    """Return the notebook that a script describes, as the contents of its file."""
    _, *parts = MARK.split(script)
    cells = [
        _cell(number, mark.split(), body.strip("\n"))
        for number, (mark, body) in enumerate(zip(parts[::2], parts[1::2], strict=True), 1)
    ]
    document = {"cells": cells, "metadata": METADATA, "nbformat": 4, "nbformat_minor": 5}
    return (json.dumps(document, indent=1, ensure_ascii=False) + "\n").encode()


def _cell(number: int, mark: list[str], body: str) -> dict[str, Any]:
    """Return a cell: `mark` are the words that say what it is."""
    metadata: dict[str, Any] = {}
    match mark:
        case ["[markdown]"]:
            body = re.sub(r"^# ?", "", body, flags=re.MULTILINE)
            source = body.splitlines(keepends=True)
            return {
                "cell_type": "markdown",
                "id": f"text-{number}",
                "metadata": {},
                "source": source,
            }
        case ["solution", name]:
            metadata = _grading(name, solution=True)
        case ["tests", name, points]:
            metadata = _grading(name, grade=True, locked=True, points=int(points))
    return {
        "cell_type": "code",
        "execution_count": None,
        "id": f"code-{number}",
        "metadata": metadata,
        "outputs": [],
        "source": body.splitlines(keepends=True),
    }


def _grading(name: str, **grading: Any) -> dict[str, Any]:
    """Return nbgrader's metadata of a cell."""
    usual = {"grade": False, "locked": False, "solution": False, "task": False}
    return {"nbgrader": {"schema_version": 3, "grade_id": name, **usual, **grading}}
