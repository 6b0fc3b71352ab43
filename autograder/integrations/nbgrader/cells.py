"""Repairs the cells of submitted notebooks, and inserts their results."""

import base64
from collections.abc import Iterable, Iterator, Mapping, Sequence
from copy import deepcopy
from typing import Any

from autograder.course import Assignment, Feedback
from autograder.grading.result import GradingResult
from autograder.integrations.nbgrader.cell_scores import results_by_cell
from autograder.integrations.nbgrader.sanitizing import Cell, sanitize, sanitize_markdown
from autograder.notebook import grade_id
from autograder.record import TaskScore
from autograder.reports.charts.chart import Picture
from autograder.reports.feedback_page import pictures_of
from autograder.reports.html import render
from autograder.reports.presentation import OURS, TaskPresentation, present_task
from autograder.reports.text import BADGES, plain, points
from autograder.sandbox.student_process import CellResult

POSITION = "autograder_cell"  # key in a cell's metadata, between repair and results


def sanitized(document: dict[str, Any], sources: Sequence[Cell]) -> dict[str, Any]:
    """Return a submitted document without active content, with its cells repaired.

    Each cell stores its position in the submission, for `show_results`.
    """
    document = sanitize(document)
    for position, cell in enumerate(document["cells"]):
        cell["metadata"][POSITION] = position
    document["cells"] = repair(document["cells"], sources)
    return document


def repair(cells: list[Cell], sources: Sequence[Cell]) -> list[Cell]:
    """Return a submission's cells with the metadata, tests and points of the source notebook.

    Drops forged, repeated and unknown metadata, restores the source of locked cells, and inserts
    deleted graded cells after the cell that they followed.
    """
    by_id = {grade_id(source): source for source in sources}
    last = {grade_id(cell): index for index, cell in enumerate(cells)}
    repaired: list[Cell] = []
    for index, cell in enumerate(cells):
        name = grade_id(cell)
        if name in by_id and last[name] == index:
            repaired.append(_restored(cell, by_id[name]))
        else:
            metadata = {k: v for k, v in cell.get("metadata", {}).items() if k != "nbgrader"}
            repaired.append({**cell, "metadata": metadata})
    return _with_missing(repaired, sources)


def _restored(cell: Cell, source: Cell) -> Cell:
    source = deepcopy(source)
    released = source["source"]
    untouched = source["cell_type"] == "markdown" and cell["source"] == sanitize_markdown(released)
    keep = not (untouched or source["metadata"]["nbgrader"]["locked"])
    own = {"source": cell["source"] if keep else released}
    if cell.get("cell_type") != source["cell_type"]:
        return source | own | {"id": cell.get("id", grade_id(source))}
    return cell | own | {"metadata": cell.get("metadata", {}) | source["metadata"]}


def _with_missing(cells: list[Cell], sources: Sequence[Cell]) -> list[Cell]:
    present = {grade_id(cell) for cell in cells}
    position = 0
    for source in sources:
        name, grading = grade_id(source), source["metadata"]["nbgrader"]
        if name in present:
            position = 1 + next(i for i, cell in enumerate(cells) if grade_id(cell) == name)
        elif grading["grade"] or grading["task"]:
            cells.insert(position, {**deepcopy(source), "id": f"restored-{name}"[:64]})
            position += 1
    return cells


def show_results(document: dict[str, Any], result: GradingResult, assignment: Assignment) -> None:
    """Set the outputs of a repaired notebook: results of test cells, what the other code printed.

    Pictures appear once, below the last test cell.
    """
    runs = dict(result.outputs)
    results = results_by_cell(result.record, assignment)
    last_graded: Cell | None = None
    for cell in document["cells"]:
        position = cell["metadata"].pop(POSITION, None)  # None: the cell was inserted
        if cell["cell_type"] != "code":
            continue
        cell["execution_count"] = None
        if (name := grade_id(cell)) in results:
            cell["outputs"] = result_outputs(results[name], assignment.feedback)
            last_graded = cell
        else:
            cell["outputs"] = notebook_outputs(runs[position]) if position in runs else []
    if last_graded is not None:
        last_graded["outputs"] += picture_outputs(pictures_of(result, assignment))


def notebook_outputs(run: CellResult) -> list[dict[str, Any]]:
    """Return a cell's outputs and pictures in nbformat, without control sequences in texts."""
    pictures = iter(run.pictures)
    outputs = [one for output in run.outputs for one in _notebook_outputs(output, pictures)]
    if run.failure is not None:
        text = f"[{run.failure} Grading continued without this cell.]\n"
        outputs.append(_printed(text))
    return outputs


def _notebook_outputs(
    output: Mapping[str, Any], pictures: Iterator[bytes | str]
) -> Iterator[dict[str, Any]]:
    """Yield an output, and why a picture is missing; the next pictures are for empty images."""
    kind = output["output_type"]
    if kind == "stream":
        yield _printed(plain(output["text"]), output["name"])
    elif kind == "error":
        yield {
            "output_type": "error",
            "ename": plain(output["ename"]),
            "evalue": plain(output["evalue"]),
            "traceback": [plain(line) for line in output["traceback"]],
        }
    else:
        data = {}
        for mime, content in output["data"].items():
            shown = next(pictures, b"") if content == b"" else content
            if isinstance(content, str):
                data[mime] = plain(content)
            elif isinstance(shown, str):
                yield _printed(f"[A figure is missing: {plain(shown)}]\n")
            elif shown:
                data[mime] = base64.b64encode(shown).decode("ascii")
        yield _output(kind, data)


def _printed(text: str, name: str = "stdout") -> dict[str, Any]:
    return {"output_type": "stream", "name": name, "text": text}


def _output(kind: str, data: dict[str, Any]) -> dict[str, Any]:
    output = {"output_type": kind, "data": data, "metadata": {}}
    return output | ({"execution_count": None} if kind == "execute_result" else {})


def result_outputs(task: TaskScore, feedback: Feedback) -> list[dict[str, Any]]:
    """Return the outputs of a task's test cell: its results, then its points.

    nbgrader reads the points from the second output, a plain number.
    """
    shown = present_task(task, feedback)
    title = _title(task)
    html = render("integrations/nbgrader/task_result", title=title, shown=shown)
    outputs = [_display(html, _text(title, shown))]
    if task.outcome != "error":
        number = repr(min(max(float(task.score), 0.0), float(task.max_score)))
        outputs.append(_output("execute_result", {"text/plain": number}))
    return outputs


def picture_outputs(pictures: Iterable[Picture]) -> list[dict[str, Any]]:
    """Return pictures as outputs, each with title and description."""
    return [
        _display(
            render(
                "integrations/nbgrader/picture",
                picture=picture,
                data=base64.b64encode(picture.svg.encode()).decode(),
            ),
            f"{picture.title}: {picture.description}",
        )
        for picture in pictures
    ]


def _display(html: str, text: str) -> dict[str, Any]:
    return _output("display_data", {"text/html": html, "text/plain": text})


def _title(task: TaskScore) -> str:
    if task.outcome == "error":
        return f"{task.name}: {OURS}"
    return f"{task.name}: {points(task.score)} of {points(task.max_score)} points"


def _text(title: str, shown: TaskPresentation) -> str:
    lines = [title]
    for advice in shown.advice:
        first, *rest = advice.lines
        lines += [f"  {first}", *(f"    {line}" for line in rest)]
    for test, test_advice in shown.tests:
        earned = f"{points(test.points)}/{points(test.max_points)}"
        lines.append(f"  {BADGES[test.outcome].mark} {test.title} ({earned})")
        lines += [f"      {line}" for line in test_advice.lines] if test_advice else []
    return "\n".join(lines)
