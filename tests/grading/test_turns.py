"""Processes of a pool take turns when one of them must work alone."""

from __future__ import annotations

import threading
from multiprocessing import get_context

from autograder.grading.pool import Turns


def test_alone_waits_for_the_others_and_lets_nobody_in() -> None:
    turns = Turns(get_context("fork"), 2)
    events: list[str] = []
    inside, leave, alone, done = (threading.Event() for _ in range(4))

    def neighbour() -> None:
        with turns.together():
            inside.set()
            leave.wait()
            events.append("neighbour leaves")
        alone.wait()
        with turns.together():
            events.append("neighbour comes back")

    thread = threading.Thread(target=neighbour)
    thread.start()
    inside.wait()
    with turns.together():
        threading.Timer(0.1, leave.set).start()
        with turns.alone():
            events.append("alone")
            alone.set()
            done.wait(0.1)  # time for the neighbour to come back, if it could
            events.append("not alone any more")
    thread.join()
    assert events == ["neighbour leaves", "alone", "not alone any more", "neighbour comes back"]


def test_two_that_want_to_be_alone_come_one_after_the_other() -> None:
    turns = Turns(get_context("fork"), 2)
    together = threading.Barrier(2)
    inside: list[int] = []
    seen: list[int] = []

    def work(number: int) -> None:
        with turns.together():
            together.wait()
            with turns.alone():
                inside.append(number)
                seen.append(len(inside))
                inside.remove(number)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen == [1, 1]
