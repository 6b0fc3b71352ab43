"""Reads the properties of a test from its pytest item: name, title, task, points, attempt."""

import pytest

from autograder.grading.attempt import Attempt


def attempt_of(item: pytest.Item) -> Attempt | None:
    """Return the attempt that a test runs on, None if it does not use a student fixture."""
    callspec = getattr(item, "callspec", None)
    return callspec.params.get("attempt") if callspec is not None else None


def name_of(item: pytest.Item) -> str:
    """Return the name of a test function, without the submission it runs on."""
    return str(getattr(item, "originalname", None) or item.name)


def item_key(item: pytest.Item) -> str:
    """Return the file and name of a test, without the submission it runs on."""
    return f"{item.path.name}::{name_of(item)}"


def task_marker(item: pytest.Item) -> tuple[str, float]:
    """Return the task a test belongs to and its points, or ("", 0) without a marker."""
    marker = item.get_closest_marker("task")
    if marker is None or not marker.args:
        return "", 0.0
    return str(marker.args[0]), float(marker.kwargs.get("points", 0.0))


def title_of(item: pytest.Item) -> str:
    """Return the first line of a test's docstring, or its name in words."""
    doc = getattr(getattr(item, "obj", None), "__doc__", None) or ""
    return doc.strip().split("\n")[0] or name_of(item).removeprefix("test_").replace("_", " ")
