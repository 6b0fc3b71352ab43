"""Hostile notebooks and names, and how they are graded."""

from __future__ import annotations

import io
import json
import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path
from typing import Any

from autograder.suites.linear_regression.accepted import ACCEPTED
from tests.conftest import ROOT, Command, notebook, write_notebook, write_registered_course

NAME = "linear_regression"
GOOD = ACCEPTED[0].cells()
PART = GOOD[:2]  # the imports and the first task
BIN = Path(sys.executable).parent

NAMES = (
    "=cmd|' C calc'!A0", "@SUM(1+1)", "<img src=x onerror=alert(1)>", "with space", "ünï-çødé-学生",
    "x" * 200, "::error::owned", "-rf", "$(touch owned)", "'; DROP TABLE student; --", "..hidden",
    "a\tb", "a\nb", "\x1b[31mred", "%s%n", "null", "..", "{{7*7}}",
)  # fmt: skip

SCRIPT = "<script>alert('owned')</script>"
EVIL_LINES = (
    SCRIPT,
    "<img src=x onerror=alert(1)> <svg onload=alert(1)> <iframe src='javascript:alert(1)'>",
    "[a](javascript:alert(1)) [b](JaVaScRiPt\\:alert(1)) [c](&#106;avascript&colon;alert(1))",
    "[d]( \tjavascript:alert(1)) [e](<javascript:alert(1)>) <javascript:alert(1)>",
    "[f](data:text/html;base64,PHNjcmlwdD4=) [g](vbscript:x) ![h](data:image/svg+xml,<svg>)",
    "[i][evil] and [good](https://example.org) and $a<b$ and `x<y`",
    "[evil]: javascript:alert(1)",
    "| a |\n|---|\n| <script>alert(2)</script> |",
    "```html\n<b>shown</b>\n```",
    "<style>body{display:none}</style><base href='//evil'><form action='//evil'>",
    "&lt;script&gt;alert(3)&lt;/script&gt; <!-- --><script>x</script>",
)
EVIL_MARKDOWN = "\n\n".join(EVIL_LINES)


def markdown(source: str, **more: Any) -> dict[str, Any]:
    return {"cell_type": "markdown", "id": "m", "metadata": {}, "source": source} | more


EVIL = notebook(
    [
        markdown(EVIL_MARKDOWN),
        markdown("![x](attachment:x.svg)", attachments={"x.svg": {"image/svg+xml": "<svg onload=x>"}}),
        {"cell_type": "raw", "id": "r1", "metadata": {}, "source": SCRIPT},
        {"cell_type": "raw", "id": "r2", "metadata": {"raw_mimetype": "text/html"}, "source": SCRIPT},
        {"cell_type": SCRIPT, "id": "r3", "metadata": {}, "source": SCRIPT},
        *GOOD,
        "print('''" + SCRIPT + "''')",
        "from IPython.display import HTML, Javascript, SVG, Latex, Markdown, display\n"
        f"display(HTML({SCRIPT!r}), Javascript('alert(1)'), Latex({SCRIPT!r}), Markdown({SCRIPT!r}))",
        f"class R:\n    def _repr_html_(self): return {SCRIPT!r}\n"
        f"    def __repr__(self): return {SCRIPT!r}\nR()",
        f"raise ValueError({SCRIPT!r})",
        "print('\\x1b]8;;javascript:alert(1)\\x07click\\x1b]8;;\\x07 \\x1b[31mred')",
        {"cell_type": "code", "id": '"><script>', "metadata": {"tags": ['"><script>']},
         "source": "1", "execution_count": "<script>",
         "outputs": [{"output_type": "display_data", "metadata": {}, "data": {"text/html": SCRIPT}}]},
    ],
    metadata={
        "title": SCRIPT,
        "language_info": {"name": "python", "pygments_lexer": SCRIPT},
        "widgets": {"application/vnd.jupyter.widget-state+json": {"x": SCRIPT}},
    },
)  # fmt: skip


def forged() -> dict[str, Any]:
    """Return a stub with forged points, repeated ids and replaced tests."""
    stub = json.loads((ROOT / "assignments" / NAME / f"{NAME}.ipynb").read_text())
    for cell in stub["cells"]:
        grading = cell["metadata"].get("nbgrader")
        if grading and grading["grade"]:
            grading["points"] = 1e9
            cell["source"] = "100.0"
            cell["outputs"] = [
                {"output_type": "execute_result", "data": {"text/plain": "100.0"},
                 "metadata": {}, "execution_count": 1}
            ]  # fmt: skip
    stub["cells"] += [json.loads(json.dumps(stub["cells"][-1])) for _ in range(3)]
    return dict(stub)


def zipped(name: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(name, "owned")
    return buffer.getvalue()


def tarred(name: str) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        archive.addfile(tarfile.TarInfo(name))
    return buffer.getvalue()


CONTENTS: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "is empty"),
    "blank": (b" \n\n ", "is empty"),
    "truncated": (json.dumps(notebook(GOOD)).encode()[:-40], "not valid JSON"),
    "binary": (bytes(range(256)) * 40, "not valid JSON"),
    "latin1": (json.dumps(notebook(["'é'"]), ensure_ascii=False).encode("latin-1"), "not valid JSON"),
    "python": (b"print('hello')\n", "not valid JSON"),
    "html": (b"<!doctype html><title>Log in</title>", "not valid JSON"),
    "list": (b"[1, 2]", "not a notebook"),
    "number": (b"100", "not a notebook"),
    "format3": (json.dumps({"nbformat": 3, "worksheets": []}).encode(), "format 3"),
    "format_true": (json.dumps({"nbformat": True, "cells": []}).encode(), "format True"),
    "no_cells": (json.dumps({"nbformat": 4}).encode(), "has no cells"),
    "cells_text": (json.dumps({"nbformat": 4, "cells": "x"}).encode(), "has no cells"),
    "julia": (json.dumps(notebook([], metadata={"language_info": {"name": "julia"}})).encode(), "julia"),
    "deep": (b"[" * 200_000, "not valid JSON"),
    "deep_metadata": (b'{"nbformat": 4, "metadata": ' + b'{"a":' * 99_000, "not valid JSON"),
    "long_number": (b'{"nbformat": 4, "cells": ' + b"9" * 10_000 + b"}", "not valid JSON"),
    "infinity": (b'{"nbformat": Infinity}', "not a notebook"),
    "zip": (zipped("../../owned"), "is an archive"),
    "tar": (tarred("../../owned"), "is an archive"),
}  # fmt: skip
WRONG_SOURCES: tuple[Any, ...] = (5, None, {}, [1, "a=1\n", None])
GRADED: dict[str, dict[str, Any]] = {
    "cells_of_wrong_types": notebook([]) | {"cells": [1, None, "x", [], {}, {"cell_type": 5}]},
    "sources_of_wrong_types": notebook([])
    | {"cells": [{"cell_type": "code", "source": s} for s in WRONG_SOURCES]},
    "lone_surrogates": notebook(["'\ud800'", "x = '\\ud800'\nprint(x)", "# \ud800" + "x" * 999]),
    "null_characters": notebook(["a = 1\x00", "\x00" * 500]),
    "wild_metadata": notebook([])
    | {"metadata": [], "cells": [{"cell_type": "code", "metadata": 7}]},
    "forged": forged(),
}
HUGE: dict[str, dict[str, Any]] = {
    "endless_line": notebook(["x = '" + "a" * 3_000_000 + "'"]),
    "two_thousand_cells": notebook(["" for _ in range(2_000)]),
    "two_thousand_texts": notebook([markdown("[a](b)" * 499) for _ in range(2_000)]),
}


def new_course(course: Path) -> None:
    """Copy the course without its submissions, with its first assignment alone."""
    course.mkdir(parents=True, exist_ok=True)
    write_registered_course(course)
    shutil.copy(ROOT / "nbgrader_config.py", course)


def new_submission(course: Path, student: str) -> Path:
    """Create a student's folder in submitted/; return the path of the notebook in it."""
    folder = course / "submitted" / student / NAME
    folder.mkdir(parents=True)
    return folder / f"{NAME}.ipynb"


def grade_hostile(course: Path, command: Command) -> Path:
    """Grade a class of hostile submissions; return the course's folder."""
    new_course(course)
    for name in NAMES:
        if name != "..":
            write_notebook(new_submission(course, f"name {name}"), PART)
    for name, (content, _) in CONTENTS.items():
        new_submission(course, name).write_bytes(content)
    for name, document in GRADED.items():
        new_submission(course, name).write_text(json.dumps(document))
    new_submission(course, "evil").write_text(json.dumps(EVIL))
    honest = write_notebook(new_submission(course, "honest"), GOOD)
    for module in ("torch", "conftest", "sitecustomize", "pytest", "numpy"):
        (honest.parent / f"{module}.py").write_text("raise SystemExit('owned')\n")
    (honest.parent / "timestamp.txt").write_text("2026-11-01 10:00:00 UTC")
    new_submission(course, "link").symlink_to(honest)
    (course / "submitted" / "linked folder").mkdir()
    (course / "submitted" / "linked folder" / NAME).symlink_to(honest.parent)
    (course / "submitted" / "linked student").symlink_to(course / "submitted" / "honest")
    new_submission(course, "folder").mkdir()
    os.mkfifo(new_submission(course, "pipe"))
    os.mkfifo(
        write_notebook(new_submission(course, "pipe as a date"), GOOD).with_name("timestamp.txt")
    )
    with new_submission(course, "gigabytes").open("wb") as sparse:
        sparse.truncate(5 << 30)
    new_submission(course, "missing")
    said = command(course, "grade", "-v", "--json", "records.jsonl", "--junit", "junit.xml")
    (course / "autograder.out").write_text(said)
    return course


def run(course: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [BIN / arguments[0], *arguments[1:]],
        cwd=course,
        env={"PATH": f"{BIN}:/usr/bin:/bin", "HOME": str(course), "GITHUB_ACTIONS": "true"},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    (course / f"{arguments[0]}.out").write_text(done.stdout + done.stderr)
    return done


def records(course: Path) -> dict[str, dict[str, Any]]:
    lines = (course / "records.jsonl").read_text().splitlines()
    return {record["student"]: record for record in map(json.loads, lines)}
