"""Dialogs: which questions belong together, and what they are about."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from autograder.authoring.verification.dialogs import dialogs_of
from autograder.grading.recording import Questions, RecordedObservation
from autograder.sandbox.student_process import Question
from autograder.sandbox.worker.wire import Ref
from tests.authoring.verification.small_dialogs import (
    CLASS,
    FUNCTION,
    REFERENCE,
    array,
    call,
    dialog,
    fitted,
    looked_up,
    predicted,
)

OTHER = Ref(8, "Model", callable=False)


def test_calls_of_a_function_are_scenes_of_their_own() -> None:
    scenes = [*dialog(looked_up(), call(1.0), call(2.0)).scenes()]
    assert [[turn.operations[-1][0] for turn in scene.turns] for scene in scenes] == 2 * [
        ["get", "call"]
    ]
    assert [scene.turns[1].operations[0][1][1] for scene in scenes] == [[1.0], [2.0]]


def test_calls_about_an_object_are_one_scene() -> None:
    made = replace(call(1), answer=OTHER, is_plain=False)
    (scene,) = dialog(looked_up(), made, call(OTHER, 2.0), call(OTHER, 3.0)).scenes()
    assert len(scene.turns) == 4


def test_the_scene_of_an_answer_has_nothing_that_comes_later() -> None:
    made = replace(call(1), answer=OTHER, is_plain=False)
    whole = dialog(looked_up(), made, call(OTHER, 2.0), call(5.0), call(OTHER, 3.0))
    assert len(whole.until(2).turns) == 3
    assert len(whole.until(4).turns) == 4


def test_things_are_called_as_in_the_notebook() -> None:
    asked = predicted(array(1.0), 3)
    assert asked.callee(2) == "Net(…).forward"
    assert asked.functions(2) == {"Net(…).forward"}
    assert asked.looked_up == {"Net"}
    assert fitted(1, 2).callee(1) == "fit"


def test_what_differs_in_inputs_only_has_the_same_form() -> None:
    assert fitted(array(1.0), 2).form == fitted(array(3.0, 4.0), 5).form
    assert fitted(array(1.0), 2).form != fitted(array(1.0), 2, lr=0.1).form
    assert predicted(array(1.0), 3).form != fitted(array(1.0), 3).form


def questions(*asked: tuple[Question, Any], **more: Any) -> Questions:
    return Questions("fit", 0, [*asked], **more)


GET: Question = [("get", (None, "fit"))]
CALL: Question = [("call", (FUNCTION, [1.0], {}))]


def test_a_test_asks_what_its_fixtures_ask_and_the_same_dialog_is_there_once() -> None:
    seen = RecordedObservation(2, "number", 1, fixture="made")
    made = questions((GET, FUNCTION), (CALL, 2.0), is_test=False)
    one, other = (
        questions(fixtures=("made",), observations=[seen] if judges else [])
        for judges in (True, False)
    )
    (found,) = dialogs_of({"made": made, "test_one": one, "test_other": other})
    assert (found.test, len(found.turns)) == ("test_one", 2)
    assert found.turns[1].judged == (seen,)


def test_a_bound_of_what_was_computed_counts_for_the_answers_before() -> None:
    bound = RecordedObservation(2, "at least", None, bound=0.9)
    (found,) = dialogs_of(
        {"test_fit": questions((GET, FUNCTION), (CALL, 2.0), observations=[bound])}
    )
    assert [turn.judged for turn in found.turns] == [(), (bound,)]


def test_each_call_says_by_itself_what_is_lent() -> None:
    use: Question = [("use", ({"sigmoid": REFERENCE},))]
    (found,) = dialogs_of(
        {"test_fit": questions((GET, FUNCTION), ([*use, *CALL], 2.0), (CALL, 3.0), (GET, CLASS))}
    )
    bound = [turn.operations[0] for turn in found.turns]
    assert bound == [GET[0], use[0], use[0], GET[0]]
