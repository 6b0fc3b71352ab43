"""What figures show: of a call and of cells, as claims that are checked for their form."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from autograder.sandbox.execution_errors import InvalidResponse
from autograder.sandbox.student_process import StudentProcess
from autograder.sandbox.warm_process import WarmProcess
from autograder.testing import (
    Mismatch,
    Student,
    SuiteError,
    assert_bars,
    assert_close,
    assert_labelled,
)
from autograder.testing.plots import figures_of
from tests.sandbox.test_student_process import LIMITS, SECONDS

CELLS = (
    "import matplotlib.pyplot as plt\nfrom IPython.display import clear_output, display",
    """
def plot(losses, show=False):
    plt.plot(losses, "--", label="loss")
    plt.legend()
    plt.xlabel("epoch")
    if show:
        plt.show()
        plt.scatter([1], [2])

def bars_of(names, heights):
    plt.bar(names, heights)

def lying(names, lengths):
    plt.barh(names, lengths)

def bars(heights, apart=False):
    if apart:
        for place, height in enumerate(heights):
            plt.bar(place, height)
    else:
        plt.bar(range(len(heights)), heights)
    plt.gca().title = "assigned"

def nothing(): return 3
def broken():
    plt.plot([1])
    raise ValueError("no")
""",
    "for step in range(3):\n    clear_output(wait=True)\n    plt.plot([step])\n    plt.show()",
    "fig, axes = plt.subplots(1, 2)\naxes[1].bar([0, 1], [2, 3])\ndisplay(fig)",
)


@pytest.fixture(scope="module")
def process(warm: WarmProcess) -> Iterator[StudentProcess]:
    process = StudentProcess(warm, CELLS, LIMITS, SECONDS)
    process.execute()
    yield process
    process.close()


@pytest.fixture
def student(process: StudentProcess) -> Iterator[Student]:
    process.begin_test(0)
    yield Student(process)
    process.end_test()


def test_the_figure_that_a_call_makes(student: Student) -> None:
    for _ in range(2):  # nothing is left from the first time
        (figure,) = student.figures(student.plot, [3.0, 1.0])
        (axes,) = figure.axes
        assert (axes.xlabel, axes.ylabel, axes.legend) == ("epoch", "", ("loss",))
        (line,) = axes.lines
        assert (line.label, line.linestyle, line.marker) == ("loss", "--", "")
        assert_close(line.y, np.array([3.0, 1.0]))
        assert_close(line.x, [0, 1])


def test_figures_that_are_shown_in_a_call_are_its_figures_too(student: Student) -> None:
    first, second = student.figures(student.plot, losses=[1.0], show=True)
    assert len(first.axes[0].lines) == len(second.axes[0].points) == 1
    assert student.figures(student.nothing) == ()


def test_figures_of_cells_are_those_that_are_seen(student: Student) -> None:
    trained, bars = student.figures()
    assert_close(trained.axes[0].lines[0].y, [2])
    assert_close(bars.axes[1].bars[0].heights, [2, 3])


def test_they_are_there_again_after_the_process_has_ended(
    process: StudentProcess, student: Student
) -> None:
    process._end()
    assert len(student.figures()) == 2


def test_a_call_that_raises_leaves_no_figure_to_the_next(student: Student) -> None:
    with pytest.raises(Exception, match="Your code raised ValueError"):
        student.figures(student.broken)
    (figure,) = student.figures(student.plot, [1.0])
    assert len(figure.axes[0].lines) == 1


def test_a_line_that_is_missing_fails_the_test(student: Student) -> None:
    figures = student.figures(student.nothing)
    with pytest.raises(Mismatch, match="Your code plots no figures"):
        figures[0]
    with pytest.raises(Mismatch, match="Your code plots fewer lines than expected"):
        student.figures(student.plot, [1.0])[0].axes[0].lines[1]


def test_without_matplotlib_the_figures_of_cells_are_unknown() -> None:
    with WarmProcess(["numpy"]) as warm:
        process = StudentProcess(warm, [], LIMITS, SECONDS)
        process.execute()
        with pytest.raises(SuiteError, match="lacks matplotlib"):
            Student(process).figures()
        process.close()


AXES = ["", "", "", "linear", "linear", [], [], [], [], []]


@pytest.mark.parametrize(
    "claim",
    [
        3,
        [3],
        ["abc"],
        [["", [], [], []]],
        [[3, [], []]],
        [["", "ab", []]],
        [["", [], [AXES[1:]]]],
        [["", [], [[*AXES[:6], [["", 1.0, np.ones(2), "", ""]], [], [], []]]]],
        [["", [], [[*AXES[:6], [["", np.ones(2), np.ones((2, 2)), "", ""]], [], [], []]]]],
        [["", [], [[*AXES[:8], [["", np.ones(1), np.ones(1), [""], 1]], []]]]],
        [["", [], [[*AXES[:9], [[True, 2.0]]]]]],
    ],
)
def test_claims_that_describe_no_figure_are_refused(claim: Any) -> None:
    with pytest.raises(InvalidResponse, match="makes no sense"):
        figures_of(claim)


def test_the_claim_of_an_empty_figure_is_one() -> None:
    (figure,) = figures_of([["", [], [AXES]]])
    assert figure.axes[0].yscale == "linear"


@pytest.mark.parametrize("apart", [False, True])
def test_bars_are_judged_however_they_are_drawn(student: Student, apart: bool) -> None:
    axes = student.figures(student.bars, [2.0, 3.5], apart)[0].axes[0]
    assert_bars(axes, [2.0, 3.5])
    with pytest.raises(Mismatch, match=r"^Look there\. The height of the bars"):
        assert_bars(axes, [2.0, 3.0], "Look there.")


def test_the_name_of_another_bar_is_wrong_and_no_name_is_not(student: Student) -> None:
    def axes(names: list[str]) -> Any:
        return student.figures(student.bars_of, names, [2.0, 3.5])[0].axes[0]

    for names in (["a", "b"], ["first", "second"]):
        assert_bars(axes(names), [2.0, 3.5], names=["a", "b"])
    with pytest.raises(Mismatch, match=r"^Look there\. What is written below a bar is the name of"):
        assert_bars(axes(["b", "a"]), [2.0, 3.5], "Look there.", names=["a", "b"])


def test_horizontal_bars_are_wrong_only_where_they_should_stand_upright(student: Student) -> None:
    upright, lying = (
        student.figures(draw, ["a", "b"], [2.0, 3.5])[0].axes[0]
        for draw in (student.bars_of, student.lying)
    )
    assert_bars(lying, [2.0, 3.5])
    assert_bars(upright, [2.0, 3.5], upright=True)
    assert [bars.horizontal for bars in (*upright.bars, *lying.bars)] == [False, True]
    with pytest.raises(Mismatch, match="should stand upright, but they are horizontal"):
        assert_bars(lying, [2.0, 3.5], upright=True)


def test_a_plot_without_bars_has_none(student: Student) -> None:
    axes = student.figures(student.plot, [1.0])[0].axes[0]
    with pytest.raises(Mismatch, match="Your code plots no groups of bars"):
        assert_bars(axes, [1.0])


def test_labels_are_judged_by_a_word_in_them(student: Student) -> None:
    axes = student.figures(student.plot, [1.0])[0].axes[0]
    assert_labelled(axes, xlabel="Epoch")
    assert_labelled(axes, xlabel="")
    with pytest.raises(Mismatch, match=r"^Label the x axis: loss\.$"):
        assert_labelled(axes, xlabel="loss")
    with pytest.raises(Mismatch, match=r"^Label the y axis\.$"):
        assert_labelled(axes, xlabel="", ylabel="")


def test_a_title_that_is_assigned_is_none(student: Student) -> None:
    axes = student.figures(student.bars, [2.0])[0].axes[0]
    with pytest.raises(Mismatch, match=r"^Give the picture a title\.$"):
        assert_labelled(axes, title="")
