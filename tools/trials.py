"""Grades answers whose mistakes are known, to see what the library of mistakes names in them.

Of `linear_regression`, these are each way of each of the suite's own misconceptions, which are
taken away; of the others, what somebody wrote who knew the notebook alone. Which names are true of
which answer is a judgement, made by reading both texts.
"""

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

from autograder.course import load_course
from autograder.diagnosis.matching import ONE_OF
from autograder.diagnosis.misconception import load_library, singles
from autograder.grading.batch import grade_batch, prepare
from autograder.record import Record
from autograder.sandbox.warm_process import WarmProcess
from autograder.source_notebook import SourceNotebook
from autograder.submission import Submission
from autograder.suites.linear_regression.accepted import ACCEPTED
from tests.conftest import ROOT, write_notebook
from tests.corpus.level2.graded import graded
from tests.suites.test_findings import IN_NO_LIBRARY

LINEAR = "linear_regression"
OTHERS = ("logistic_regression", "mlp_classifier", "model_selection")
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


@dataclass(frozen=True)
class Attempt:
    """A way of making a mistake: the record, the tasks that it is made in, and the true names."""

    mistake: str
    record: Record
    tasks: frozenset[str]
    true: frozenset[str]

    @property
    def names(self) -> tuple[str, ...]:
        """The mistakes that are named."""
        return tuple(name for task in self.record.tasks for name in task.misconceptions)

    @property
    def is_true(self) -> bool:
        """Whether all names are true; of those that are said with an "or", one has to be."""
        said = [
            ({*task.misconceptions}, any(one.text == ONE_OF for one in task.explained))
            for task in self.record.tasks
            if task.misconceptions
        ]
        return all(names & self.true if either else names <= self.true for names, either in said)


@dataclass(frozen=True)
class Trial:
    """What was tried: attempts with a mistake, and those without one by what they are called."""

    attempts: Sequence[Attempt]
    without: Mapping[str, Sequence[Record]]

    @property
    def mistakes(self) -> Mapping[str, Sequence[Attempt]]:
        """The attempts at each mistake."""
        names = dict.fromkeys(one.mistake for one in self.attempts)
        return {name: [one for one in self.attempts if one.mistake == name] for name in names}


def trial_of_others(name: str, folder: Path) -> Trial:
    """Grade the answers of somebody who knew the notebook of an assignment alone."""
    corpus = import_module(f"tests.corpus.level2.{name}.independent")
    records = graded(name, folder / "course", (*corpus.RIGHT, *corpus.WRONG))
    attempts = [Attempt(one.name, records[one.name], one.loses, one.names) for one in corpus.WRONG]
    return Trial(attempts, {"right": [records[one.name] for one in corpus.RIGHT]})


def trial_of_linear_regression(folder: Path) -> Trial:
    """Grade `linear_regression` with the library alone, without the suite's own misconceptions."""
    shutil.copytree(ROOT / "solutions" / LINEAR, folder / "solutions" / LINEAR)
    shutil.copy(ROOT / "course.yml", folder)
    suite = folder / LINEAR
    shutil.copytree(ROOT / "autograder" / "suites" / LINEAR, suite)
    course = load_course(folder / "course.yml")
    assignment = course.assignment(LINEAR)
    source = SourceNotebook(course, assignment).solution
    assert source is not None
    solution, library = load_library(suite, source.code)
    (suite / "misconceptions.py").unlink()
    ways = [(one, variant.source) for one in library for variant in singles(solution, [one])]
    cells: dict[str, Sequence[str]] = {f"{i}": [way] for i, (_, way) in enumerate(ways)}
    cells |= {answer.name: answer.cells() for answer in (*ACCEPTED, *UNKNOWN)}
    submissions = [
        Submission(name, write_notebook(folder / "submitted" / f"{name}.ipynb", list(some)))
        for name, some in cells.items()
    ]
    context = prepare(course, assignment)
    with WarmProcess(assignment.preload) as warm:
        results = grade_batch(submissions, context, warm)
    records = {result.record.student: result.record for result in results}
    attempts = [
        Attempt(one.name, records[f"{i}"], frozenset({one.task}), true_names(one.name))
        for i, (one, _) in enumerate(ways)
    ]
    without = {"accepted": ACCEPTED, "unknown": UNKNOWN}
    found = {kind: [records[answer.name] for answer in some] for kind, some in without.items()}
    return Trial(attempts, found)


def true_names(own: str) -> frozenset[str]:
    """Return the names of the library that are true of an own misconception."""
    return frozenset({own, *(name for name, some in TRUE.items() if own in some.split())})


def trial(name: str, folder: Path) -> Trial:
    """Grade the answers to an assignment whose mistakes are known."""
    if name == LINEAR:
        return trial_of_linear_regression(folder)
    return trial_of_others(name, folder)
