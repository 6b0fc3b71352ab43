"""Tries the library of mistakes on `linear_regression` without the suite's own misconceptions.

Each way of each own misconception is graded with the library alone, and so are the accepted answers
and the wrong ones that no misconception describes. `TRUE` says which names of the library are true
of which misconception; it is a judgement, made by reading both texts.
"""

import shutil
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from autograder.course import load_course
from autograder.diagnosis.misconception import Misconception, load_library, singles
from autograder.grading.batch import grade_batch, prepare
from autograder.record import Record
from autograder.sandbox.warm_process import WarmProcess
from autograder.source_notebook import SourceNotebook
from autograder.submission import Submission
from autograder.suites.linear_regression.accepted import ACCEPTED
from tests.conftest import write_notebook
from tests.suites.test_findings import IN_NO_LIBRARY

ROOT = Path(__file__).parent.parent
NAME = "linear_regression"
UNKNOWN = tuple(case.answer for case in IN_NO_LIBRARY)
TRUE: Mapping[str, str] = {
    "absolute_for_square": "absolute",
    "added_along_rows": "bias_as_a_column",
    "added_twice": "bias_twice",
    "argument_ignored(lr)": "learning_rate_fixed",
    "argument_not_taken(lr)": "lr_not_taken",
    "arguments_exchanged": "a_and_b_exchanged",
    "array_for_tensor": "numpy_result",
    "backward_twice": "backward_twice_on_y",
    "bias_forgotten": "no_bias",
    "cleared_before_the_step": "zeroed_before_the_update",
    "cleared_for_the_last_only": "only_last_zeroed",
    "cleared_too_early": "zeroed_before_there_is_one",
    "column_against_row": "broadcasting",
    "compared_with_the_mean": "targets_averaged",
    "cut_off": "detached prediction_detached",
    "decimals_cut_off": "a_cut_to_a_whole_number b_cut_to_a_whole_number",
    "difference_reversed": "both_signs",
    "elementwise_for_matrix_product": "elementwise",
    "factor_two_too_many": "product_doubled",
    "factors_swapped": "reversed",
    "first_column_only": "first_feature_only",
    "gradient_ascent": "ascent",
    "gradient_not_required": "a_not_recorded b_not_recorded",
    "half_of_the_mean": "half",
    "input_returned": "model_returned",
    "learning_rate_missing": "no_learning_rate",
    "loss_after_the_step": "loss_after_the_update",
    "minus_for_plus": "bias_subtracted",
    "multiplied_for_added": "product_for_difference bias_multiplied",
    "no_backward": "no_gradient_there backward_result_used removed_before_the_update",
    "no_default(lr)": "lr_without_default",
    "no_step": "rebinding optimizer_of_another_model",
    "not_all_items": "only_w only_b",
    "not_called": "item_not_called",
    "not_reduced": "loss_with_several_elements",
    "nothing_recorded": "cut_off not_recorded all_under_no_grad",
    "nothing_returned": "gradients_not_returned prediction_not_returned loss_not_returned",
    "number_as_text": "loss_as_text",
    "number_for_loss": "backward_on_a_number",
    "one_of_several_returned": "only_one_gradient",
    "other_default(lr)": "default_learning_rate",
    "other_power": "square_for_cube cube_for_square",
    "parameter_cut_off": "bias_cut_off weights_cut_off",
    "plus_for_minus": "minus_forgotten",
    "product_averaged": "averaged_over_features averaged_over_rows",
    "rebound": "rebinding rebinding_then_zeroing",
    "relu_at_the_end": "relu",
    "result_flattened": "flattened",
    "result_of_a_change_in_place": "backward_result_used",
    "result_squeezed": "squeezed",
    "returned_in_the_wrong_order": "swapped",
    "returned_twice": "same_gradient_twice",
    "root_of_the_mean_square": "root",
    "several_steps_in_one": "two_steps_in_one whole_training_in_one",
    "sigmoid_at_the_end": "sigmoid",
    "softmax_at_the_end": "softmax",
    "squared_after_the_reduction": "squared_after_the_mean",
    "tanh_at_the_end": "tanh",
    "times_for_power": "times_for_power_of_a times_for_power_of_b",
    "transposed_factor": "transposed x_transposed",
    "value_for_gradient": "point_for_gradient",
    "values_added_up": "sum_of_gradients",
    "vectors_only": "dot_product",
}
"""The own misconceptions of which a name of the library is true."""


def main() -> None:
    """Grade, print the table, and fail if a name is not true."""
    with tempfile.TemporaryDirectory() as folder:
        library, records = graded(Path(folder))
    rows = [(one, [records[key(one, way)] for way in range(len(one.ways))]) for one in library]
    print(f"{'own misconception':32}{'names of the library':60}")
    right = wrong = 0
    for one, found in rows:
        named = [names_in(record, one.task) for record in found]
        true = {one.name, *(name for name, own in TRUE.items() if one.name in own.split())}
        judged = ["" if not names else "true" if true & {*names} else "WRONG" for names in named]
        right += "true" in judged and "WRONG" not in judged
        wrong += "WRONG" in judged
        for names, verdict in zip(named, judged, strict=True):
            print(f"{one.name:32}{' or '.join(names) or '-':60}{verdict}".rstrip())
    for kind, answers in (("accepted", ACCEPTED), ("unknown", UNKNOWN)):
        some = [a.name for a in answers if any(t.explained for t in records[a.name].tasks)]
        print(
            f"{len(answers)} {kind} answers, {len(some)} with a name: {', '.join(some) or 'none'}"
        )
        wrong += len(some)
    share = right / len(rows)
    print(
        f"{right} of {len(rows)} misconceptions ({share:.0%}) get a true name, {wrong} a wrong one"
    )
    if wrong:
        sys.exit(1)


def names_in(record: Record, task: str) -> tuple[str, ...]:
    """Return the mistakes that are named in a task."""
    return next(one.misconceptions for one in record.tasks if one.name == task)


def key(one: Misconception, way: int) -> str:
    """Return the name of the submission with a misconception."""
    return f"{one.name}-{way}"


def graded(folder: Path) -> tuple[Sequence[Misconception], Mapping[str, Record]]:
    """Return the own misconceptions, and the records of all answers by their names."""
    shutil.copytree(ROOT / "solutions" / NAME, folder / "solutions" / NAME)
    shutil.copy(ROOT / "course.yml", folder)
    suite = folder / NAME
    shutil.copytree(ROOT / "autograder" / "suites" / NAME, suite)
    course = load_course(folder / "course.yml")
    assignment = course.assignment(NAME)
    source = SourceNotebook(course, assignment).solution
    assert source is not None
    solution, library = load_library(suite, source.code)
    (suite / "misconceptions.py").unlink()
    cells: dict[str, Sequence[str]] = {}
    for one in library:
        for way, variant in enumerate(singles(solution, [one])):
            cells[key(one, way)] = [variant.source]
    cells |= {answer.name: answer.cells() for answer in (*ACCEPTED, *UNKNOWN)}
    submissions = [
        Submission(name, write_notebook(folder / "submitted" / f"{name}.ipynb", list(some)))
        for name, some in cells.items()
    ]
    context = prepare(course, assignment)
    with WarmProcess(assignment.preload) as warm:
        results = grade_batch(submissions, context, warm)
    return library, {result.record.student: result.record for result in results}


if __name__ == "__main__":
    main()
