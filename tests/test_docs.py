"""What the documents say is there is there."""

from __future__ import annotations

import re

import pytest

from autograder import __version__
from autograder.cli.main import cli
from autograder.course import Assignment, Course, Limits
from tests.conftest import ROOT

DOCUMENTS = [
    *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "autograder/selfcheck/students.md")),
    *sorted((ROOT / "docs").rglob("*.md")),
]


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_links_lead_somewhere(path: object) -> None:
    document = ROOT / str(path)
    for target in re.findall(r"\]\(([^)#]+)[^)]*\)", document.read_text()):
        if not target.startswith("http"):
            assert (document.parent / target).exists(), f"{document.name}: {target}"


def test_every_command_and_make_target_in_the_documents_exists() -> None:
    makefile = (ROOT / "Makefile").read_text()
    for document in DOCUMENTS:
        text = document.read_text()
        for command in re.findall(r"`autograder ([a-z]+)", text):
            assert command in cli.commands, f"{document.name}: autograder {command}"
        for target in re.findall(r"`make ([a-z-]+)", text):
            assert f"\n{target}:" in makefile, f"{document.name}: make {target}"


def test_every_command_is_documented() -> None:
    text = "".join(document.read_text() for document in DOCUMENTS)
    assert [name for name in cli.commands if f"autograder {name}" not in text] == []


def test_every_key_of_the_course_is_documented() -> None:
    text = (ROOT / "docs/author/course.md").read_text()
    keys = [*Course.model_fields, *Assignment.model_fields, *Limits.model_fields]
    assert [key for key in keys if f"`{key}`" not in text] == []


def test_the_changelog_names_the_version() -> None:
    assert f"## {__version__}" in (ROOT / "CHANGELOG.md").read_text()


def test_every_dependency_has_a_reason() -> None:
    reasons = (ROOT / "docs/maintainer/dependencies.md").read_text()
    project = (ROOT / "pyproject.toml").read_text()
    block = project[project.index("dependencies = [") : project.index("[project.scripts]")]
    names = re.findall(r'"([A-Za-z-]+)[>\["]', block)
    assert len(names) > 15
    assert [name for name in names if f"`{name}`" not in reasons] == []
