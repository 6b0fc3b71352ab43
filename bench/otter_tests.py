"""A small assignment in otter-grader's format, so that its machinery can be timed.

Four simple tests, one for each task: far less than the suite asks, so otter has the easier work.
"""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from textwrap import indent

TESTS = {
    "gradients": "tuple(map(float, polynomial_gradients(5.0, 6.0))) == (75, -12)",
    "forward": "tuple(Linear(3, 2).forward(torch.ones(4, 3)).shape) == (4, 2)",
    "step": "step(torch.ones(3, 1), torch.ones(3), Linear(1, 1)) >= 0",
    "convergence": "abs(model.w.item() - 0.4677) < 0.005",
}


def write_autograder(path: Path) -> None:
    """Write otter's autograder.zip."""
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("otter_config.json", json.dumps({"lang": "python"}))
        for name, expression in TESTS.items():
            archive.writestr(f"tests/{name}.py", ok_test(name, expression))


def ok_test(name: str, expression: str) -> str:
    """Return a test in the OK format: an expression that must be true."""
    case = {"code": f">>> bool({expression})\nTrue", "hidden": False, "locked": False}
    suite = {"cases": [case], "scored": True, "setup": "", "teardown": "", "type": "doctest"}
    test = {"name": name, "points": 1, "suites": [suite]}
    return f"OK_FORMAT = True\n\ntest = (\n{indent(repr(test), '    ')}\n)\n"


def passed(results: Path) -> bool:
    """Say whether every test passed, by a results.json of otter's."""
    found = json.loads(results.read_text(encoding="utf-8"))["tests"]
    scored = [test for test in found if "max_score" in test]
    return len(scored) >= len(TESTS) and all(t["score"] == t["max_score"] for t in scored)
