"""Says what besides a wrong answer may have cost points: it is noted, and a person is asked."""

import re
import sys
from collections.abc import Iterator
from functools import lru_cache
from itertools import islice

from autograder.grading.session import Attempt
from autograder.notebook import Notebook
from autograder.submission import Submission

HERE = sys.version_info[:2]
MOST = 100  # errors that are looked at, in cells and of skipped statements each
LONGEST = 300  # characters of a line that are searched for newer syntax
MAX_CELL = 50_000  # characters of a cell that are

# Syntax of newer versions: of each, the version, and what a cell has that uses it. No expression
# takes back what it has matched over a line (`*+`), as all ways of doing so would take too long.
NEWER_SYNTAX = (
    ((3, 12), re.compile(r"^[ \t]*+type[ \t]++\w++(\[[^\]\n]*+\])?+[ \t]*+=", re.MULTILINE)),
    ((3, 12), re.compile(r"^[ \t]*+(async[ \t]++def|def|class)[ \t]++\w++[ \t]*+\[", re.MULTILINE)),
    (
        (3, 12),
        re.compile(
            r"\bf(['\"])(?:(?!\1).)*\{(?:(?!\1)[^{}\n])*+\1(?:(?!\1)[^{}\n])*+\1[^{}\n]*+\}",
            re.IGNORECASE,
        ),
    ),
    (
        (3, 12),
        re.compile(
            r"\bf(['\"])(?:(?!\1).)*\{[^{}\n'\"]*+(['\"])"
            r"(?:(?!\\n)[^{}\n])*+\\n(?:(?!\2)[^{}\n])*+\2"
        ),
    ),
    (
        (3, 14),
        re.compile(r"^[ \t]*+except\*?[ \t]++\w++([ \t]*+,[ \t]*+\w++)++[ \t]*+:", re.MULTILINE),
    ),
    ((3, 14), re.compile(r"(?<!\w)(t|tr|rt)(['\"])", re.IGNORECASE)),
)
_LIBRARY = re.compile(r"(?:cannot import name '\w+' from|module) '(\w++)[\w.]*+'")


def circumstances(attempt: Attempt) -> list[str]:
    """Return what may have cost an attempt its points, each as the start of a sentence."""
    notebook = attempt.submission.notebook
    files = dict(_missing_files(attempt.submission, list(_error_texts(attempt))))
    found = [*notebook.oddities, *_newer_python(attempt, notebook), *files.values()]
    modules = [name.split("/")[0].removesuffix(".py") for name in files]
    for number, skipped in attempt.skipped[:MOST]:
        effect = skipped.type == "NameError"  # of another that was skipped
        if not effect and not any(f"'{module}'" in skipped.message for module in modules):
            found.append(f"cell {number} {skipped}")
    return list(dict.fromkeys(found))


def _error_texts(attempt: Attempt) -> Iterator[str]:
    """Yield what was said of each error, in cells and in tests."""
    yield from (text for _, _, text in _cell_errors(attempt))
    yield from (result.message for result in attempt.results if result.outcome != "passed")


def _cell_errors(attempt: Attempt) -> list[tuple[int, str, str]]:
    """Return the cell's number, the type and the message of the first errors in cells."""
    ended = (
        (number, output["ename"], output["evalue"])
        for number, cell in enumerate(attempt.cell_results, 1)
        for output in cell.outputs
        if output["output_type"] == "error"
    )
    skipped = ((number, one.type, one.message) for number, one in attempt.skipped[:MOST])
    return [*islice(ended, MOST), *skipped]


def _missing_files(submission: Submission, errors: list[str]) -> Iterator[tuple[str, str]]:
    """Yield the files beside a notebook that it could not use, each with a clause."""
    for name, why in submission.beside.refused.items():
        yield name, f"the file {name} lies beside the notebook but is not taken: {why}"
    for name in submission.beside.left:
        module = name.split("/")[0].removesuffix(".py")
        words = f"No module named '{module}", name.rpartition("/")[2]
        if any(word in text for word in words for text in errors):
            yield name, f"the file {name} lies beside the notebook but is not taken"


def _newer_python(attempt: Attempt, notebook: Notebook) -> Iterator[str]:
    """Say where a notebook needs a newer Python than this one."""
    here, written = f"Python {HERE[0]}.{HERE[1]}", notebook.python
    for number, kind, message in _cell_errors(attempt):
        syntax = kind in ("SyntaxError", "IndentationError", "TabError")
        library = _LIBRARY.search(message)
        missing = library is not None and library[1] in sys.stdlib_module_names
        if written > HERE and (syntax or missing):
            yield (
                f"the notebook was written with Python {written[0]}.{written[1]} and is graded "
                f"with {here}, in which cell {number} does not run"
            )
        elif syntax and (needed := _needed(attempt.cells[number - 1])) > HERE:
            yield f"cell {number} needs Python {needed[0]}.{needed[1]}, and is graded with {here}"


@lru_cache
def _needed(cell: str) -> tuple[int, int]:
    """Return the version of Python whose syntax a cell uses, this one's if none is newer."""
    code = "\n".join(line[:LONGEST] for line in cell[:MAX_CELL].splitlines())
    return max((v for v, pattern in NEWER_SYNTAX if pattern.search(code)), default=HERE)
