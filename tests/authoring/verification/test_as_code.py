"""Dialogs as code: what an author would write, or nothing."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from autograder.authoring.verification.advice import lines
from autograder.authoring.verification.as_code import Unwritable, as_code, literal
from autograder.authoring.verification.dialogs import Dialog, Turn
from autograder.sandbox.worker.wire import Ref
from tests.authoring.verification.small_dialogs import (
    FUNCTION,
    REFERENCE,
    SOURCE,
    array,
    call,
    dialog,
    fitted,
    looked_up,
    predicted,
)

X = array([1.5, -0.0], [0.5, 3.25])
MODULE = Ref(20, "module", callable=False)
HELPER = Ref(21, "function", callable=True)
MODEL = Ref(22, "Sequential", callable=True)


def written(asked: Dialog, suite: Path = Path(), *, drawn: bool = False) -> list[str]:
    return lines(as_code(asked, SOURCE, suite, drawn=drawn))


def test_a_call_is_compared_in_one_line() -> None:
    assert written(fitted(X, 1, lr=0.5)) == [
        "X = np.array([[1.5, 0.0], [0.5, 3.25]])",
        "assert_close(student.fit(X, 1, lr=0.5), reference.fit(X, 1, lr=0.5))",
    ]


def test_a_long_line_is_split() -> None:
    *_, received, compared = written(fitted(X, "a text that is long", lr=0.123456, steps=100))
    assert received.startswith("received = student.fit(X, ")
    assert compared.startswith("assert_close(received, reference.fit(X, ")


def test_what_is_lent_is_given_to_the_student_alone() -> None:
    used = Turn([("use", ({"sigmoid": REFERENCE},)), *fitted(1, 2).turns[1].operations], 0.5)
    assert written(dialog(looked_up(), used)) == [
        "assert_close(student.using(reference.sigmoid).fit(1, 2), reference.fit(1, 2))"
    ]


def test_an_object_is_made_in_a_function_of_its_own() -> None:
    assert written(predicted(array(1.0, kind="torch", dtype="float32"), 3)) == [
        'x = torch.tensor([1.0], "float32")',
        "def answer(notebook):",
        "    net = notebook.Net(3)",
        "    return net.forward(x)",
        "assert_close(answer(student), answer(reference))",
    ]


def with_helper(file: str, function: str, *args: object) -> Dialog:
    return dialog(
        Turn([("load", ("", f"{file}.py"))], MODULE, is_plain=False),
        Turn([("get", (MODULE, function))], HELPER, is_plain=False),
        call(*args, target=HELPER, answer=1.0),
    )


@pytest.mark.parametrize(
    ("file", "function", "args", "expected"),
    [
        ("models", "network", ([2, 3], 1), "torch.network({}, 2, 3, seed=1)"),
        ("models", "loader", ([1, 2], 4, False, 0), "torch.loader({}, 1, 2, batch_size=4)"),
        (
            "models",
            "loader",
            ([1, 2], 4, True, 5),
            "torch.loader({}, 1, 2, batch_size=4, shuffle=True, seed=5)",
        ),
        ("estimators", "pipeline", (["svm.SVC"],), "sklearn.pipeline({}, 'svm.SVC')"),
        ("models", "parameters", (5, ["w"]), "torch.parameters(5, 'w')"),
        ("models", "set_parameters", (5, ["w"], [1]), "torch.set_parameters(5, {{'w': 1}})"),
        ("estimators", "predict", (5, 1, "predict"), "sklearn.predictions(5, 1)"),
        ("randomness", "seeded", (5, 3, [1], {"n": 2}), "seeded(5, 1, n=2, seed=3)"),
    ],
)
def test_the_kits_support_code_is_called_by_its_helpers(
    file: str, function: str, args: tuple[object, ...], expected: str
) -> None:
    asked = " ".join(written(with_helper(file, function, *args)))
    assert all(expected.format(name) in asked for name in ("student", "reference"))


def test_an_object_that_a_call_gives_is_named_by_its_type() -> None:
    asked = with_helper("models", "network", [2, 3], 1)
    turns = (
        *asked.turns[:-1],
        Turn(asked.turns[-1].operations, MODEL, is_plain=False),
        looked_up(),
        call(MODEL, answer=1.0),
    )
    assert written(dialog(*turns))[1:3] == [
        "    sequential = torch.network(notebook, 2, 3, seed=1)",
        "    return notebook.fit(sequential)",
    ]


def test_support_code_of_the_suite_is_loaded_from_its_file(tmp_path: Path) -> None:
    (tmp_path / "support").mkdir()
    (tmp_path / "support" / "own.py").write_text("")
    first, *_ = written(with_helper("own", "helper", 1), tmp_path)
    assert 'student.load(Path(__file__).parent / "support/own.py").helper(1)' in first
    with pytest.raises(Unwritable):
        written(with_helper("other", "helper", 1), tmp_path)


def test_a_table_is_written_by_columns() -> None:
    frame = pd.DataFrame({"model": ["a", "b"], "score": [0.5, np.nan]})
    first, _ = written(fitted(frame, 1))
    assert first == "X = pd.DataFrame({'model': ['a', 'b'], 'score': [0.5, None]})"


def test_numbers_are_drawn_that_look_drawn() -> None:
    y, zeros = array(0, 1, 1, dtype="int64"), array(0.0, 0.0)
    asked = dialog(looked_up(), call(X, y, zeros, answer=1.0))
    assert written(asked, drawn=True)[:3] == [
        "X = rng.normal(size=(2, 2))",
        "y = rng.integers(0, 2, (3,))",
        "lr = np.array([0.0, 0.0])",
    ]


def test_what_is_long_or_strange_is_not_written() -> None:
    long = array(*np.linspace(0, 1, 100))
    unknown = call(Ref(99, "Model", callable=False), answer=1.0)
    for asked in (
        fitted(long, 1),
        fitted({1, 2}, 1),
        dialog(looked_up(), unknown),
        dialog(looked_up(), Turn([("enter", (FUNCTION,))], None), call(1, answer=1.0)),
    ):
        with pytest.raises(Unwritable):
            written(asked)


def test_an_answer_is_written_out() -> None:
    assert literal(array([1.0, 2.5])) == "np.array([[1.0, 2.5]])"
    assert literal((1, "a", [None, True])) == "(1, 'a', [None, True])"
    assert literal(array(float("inf"))) == 'np.array([float("inf")])'
    with pytest.raises(Unwritable):
        literal(MODEL)
