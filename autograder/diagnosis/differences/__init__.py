"""Describes how an answer differs from what was expected: in one sentence, or not at all.

Each module looks for one kind of difference. A sentence is true of all entries and not by chance,
and tells neither what was expected nor how to compute it.
"""

from autograder.diagnosis.differences.labels import label_difference
from autograder.diagnosis.differences.numeric import difference
from autograder.diagnosis.differences.parts import missing_values, not_finite
from autograder.diagnosis.differences.shapes import shape_difference
from autograder.diagnosis.differences.table_form import (
    are_shuffled,
    index_difference,
    is_numbered,
    kind_difference,
    other_name,
)
from autograder.diagnosis.differences.texts import text_difference

__all__ = [
    "are_shuffled",
    "difference",
    "index_difference",
    "is_numbered",
    "kind_difference",
    "label_difference",
    "missing_values",
    "not_finite",
    "other_name",
    "shape_difference",
    "text_difference",
]
