"""What the documentation says about names, keys and files is true."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from autograder import __version__
from autograder.cli.main import cli
from autograder.course import (
    Assignment,
    Course,
    Extension,
    Folders,
    Late,
    Limits,
    Task,
    load_course,
)
from autograder.diagnosis.misconception import load_library, singles
from autograder.record import GRADER_ERROR
from tests.conftest import COURSE_OF_ONE, ROOT
from tests.docs.pages import HELP, PAGES, Block, blocks, prose, read, texts_of_the_kit

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
READERS = ("student", "instructor", "author", "ci", "operations", "maintainer")


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_somewhere(page: str) -> None:
    for target in re.findall(r"\]\(([^)#]+)[^)]*\)", prose(page)):
        if not target.startswith("http"):
            assert (PAGES[page].parent / target).exists(), f"{page}: {target}"


def test_messages_and_comments_point_to_pages_that_exist() -> None:
    files = [ROOT / "action.yml", ROOT / "Makefile", *(ROOT / ".github").rglob("*.yml")]
    files += [p for f in ("autograder", "bench", "tests") for p in (ROOT / f).rglob("*.py")]
    for file in files:
        for name in re.findall(r"\bdocs/[\w/-]+\.md\b", file.read_text(encoding="utf-8")):
            assert name in PAGES, f"{file}: {name}"


def test_the_readme_is_short_and_leads_every_reader_on() -> None:
    assert len(read("README.md").splitlines()) <= 100
    for page in ("README.md", "docs/index.md"):
        for reader in READERS:
            assert f"{reader}/index.md)" in read(page)


def test_every_command_is_explained_to_somebody() -> None:
    text = "".join(read(page) for page in PAGES)
    assert [name for name in cli.commands if f"autograder {name}" not in text] == []


def test_every_key_of_the_course_is_documented() -> None:
    text = read("docs/author/course.md")
    models = (Course, Assignment, Limits, Task, Late, Extension, Folders)
    keys = [key for model in models for key in model.model_fields]
    assert [key for key in keys if f"`{key}`" not in text] == []


def test_the_limits_have_the_defaults_that_are_documented() -> None:
    rows = re.findall(r"^\| `(\w+)` \| (\d+) \|", read("docs/author/course.md"), re.MULTILINE)
    assert {key: float(value) for key, value in rows} == {
        key: float(field.default) for key, field in Limits.model_fields.items()
    }


def test_every_snippet_of_a_course_is_valid(tmp_path: Path) -> None:
    text = COURSE_OF_ONE
    pages = ("docs/instructor/gradescope.md", "docs/operations/postgres.md")
    assignment, course = (block.text for block in blocks("yaml", *pages))
    assert "\ngradebook: sqlite" in text
    text = re.sub(r"(?m)^gradebook: .*\n", course, text) + assignment
    (tmp_path / "course.yml").write_text(text, encoding="utf-8")
    loaded = load_course(tmp_path / "course.yml")
    assert loaded.gradebook.startswith("postgresql://")
    assert loaded.assignment(None).visibility["convergence"] == "after_due_date"


def test_the_settings_of_dask_exist() -> None:
    import dask
    import distributed

    (settings,) = blocks("ini", "docs/operations/scale.md")
    assert distributed
    for name in re.findall(r"^DASK_(\w+)=", settings.text, re.MULTILINE):
        key = name.replace("__", ".").replace("_", "-").lower()
        assert dask.config.get(key, default="none such") != "none such", name


@pytest.mark.parametrize(
    "block", blocks("python"), ids=lambda block: f"{block.page}-{block.number}"
)
def test_python_is_python(block: Block) -> None:
    compile(block.text, block.page, "exec")


def test_the_example_of_a_suite_is_the_one_that_is_graded() -> None:
    """tests/authoring/test_adoption.py grades with the suite of docs/instructor/adopt.md."""
    graded = blocks("python", "docs/instructor/adopt.md")[0].text
    example = blocks("python", "docs/author/suite.md")[0].text
    head, test = example.split("\n\n\n")
    assert head in graded
    assert test in graded


def test_the_example_of_a_misconception_changes_the_solution(tmp_path: Path) -> None:
    solution, misconceptions = (b.text for b in blocks("python", "docs/author/misconceptions.md"))
    (tmp_path / "solution.py").write_text(solution, encoding="utf-8")
    (tmp_path / "misconceptions.py").write_text(misconceptions, encoding="utf-8")
    (wrong,) = singles(*load_library(tmp_path))
    names: dict[str, Any] = {}
    exec(wrong.source, names)
    assert names["mean_squared_error"]([1, 2], [1, 2]) == 0
    assert names["mean_squared_error"]([1, 2], [1, 4]) == 4
    assert wrong.failing == {"test_mean"}


def test_every_dependency_has_a_reason() -> None:
    reasons = read("docs/maintainer/dependencies.md")
    extras = PROJECT["project"]["optional-dependencies"]
    wanted = [*PROJECT["project"]["dependencies"], *(name for e in extras.values() for name in e)]
    names = [re.split(r"[^\w-]", requirement)[0] for requirement in wanted]
    assert len(names) > 30
    assert [name for name in names if f"`{name}`" not in reasons] == []


def test_every_extra_that_is_named_exists() -> None:
    extras = PROJECT["project"]["optional-dependencies"]
    for page in PAGES:
        for names in re.findall(r"(?:'\.|ml-autograder|extra `)\[([\w,]+)\]", read(page)):
            assert set(names.split(",")) <= set(extras), page


def test_the_import_direction_is_the_one_that_is_enforced() -> None:
    contract = PROJECT["tool"]["importlinter"]["contracts"][0]
    layers = [
        [name.strip().removeprefix("autograder.") for name in layer.split("|")]
        for layer in contract["layers"]
    ]
    (shown,) = [b for b in blocks("text", "docs/maintainer/architecture.md") if "→" in b.text]
    assert [re.findall(r"\w+", layer) for layer in shown.text.split("→")] == layers


def test_every_package_is_in_the_architecture() -> None:
    text = read("docs/maintainer/architecture.md")
    folders = [path.parent.name for path in (ROOT / "autograder").glob("*/__init__.py")]
    modules = [path.stem for path in (ROOT / "autograder").glob("*.py") if path.stem[0] != "_"]
    assert [name for name in folders if f"| `{name}` |" not in text] == []
    assert [name for name in modules if not re.search(rf"`{name}`|/{name}\.py`", text)] == []


def test_modules_that_pages_name_exist() -> None:
    for page in PAGES:
        for name in re.findall(r"`((?:[\w-]+/)+(?:[\w-]+\.\w+)?)`", prose(page)):
            if name.split("/")[0] in {"tests", "autograder", "bench"}:
                assert (ROOT / name).exists(), f"{page}: {name}"


def test_decisions_are_numbered_dated_and_listed() -> None:
    records = sorted((ROOT / "docs/maintainer/decisions").glob("0*.md"))
    index = read("docs/maintainer/decisions/index.md")
    for number, record in enumerate(records, 1):
        text = record.read_text(encoding="utf-8")
        title = re.match(rf"# {number:04d}: (.+)\n\n\*(20\d\d-\d\d-\d\d)\*\n", text)
        assert title, record.name
        assert f"| [{number:04d}]({record.name}) | {title[2]} | {title[1]} |" in index
        assert text.count("**Context.**") == text.count("**Decision.**") == 1
        assert text.count("**Consequence.**") == 1


def test_messages_that_students_look_up_are_those_that_are_shown() -> None:
    quoted = re.findall(r"^- \*\*it says \"([^*]+)\"", read(HELP), re.MULTILINE)
    assert len(quoted) == 6
    shown = re.sub(r"\s+", " ", texts_of_the_kit())
    for message in quoted:
        for part in re.split(r"`\w+`|cell \d+|mean|stopped with", message):
            assert part.strip(" .,") in shown, message


def test_a_grader_error_is_called_so_in_the_docs() -> None:
    assert f"record *{GRADER_ERROR}*" in re.sub(r"\s+", " ", read("docs/operations/scale.md"))


def test_the_changelog_names_the_version() -> None:
    assert f"## {__version__}" in read("CHANGELOG.md")
