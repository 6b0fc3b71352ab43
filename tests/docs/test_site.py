"""The site builds without a warning, and contains what is generated from the code."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import click
import pytest

import autograder.testing
from autograder.cli.main import cli
from tests.conftest import ROOT
from tests.docs.pages import PAGES

pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("sphinx_click") is None,
    reason="The extra [docs] is not installed: pip install -e '.[docs]'.",
)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the site as `make docs` does."""
    folder = tmp_path_factory.mktemp("site")
    strict = ("--fail-on-warning", "--keep-going", "--nitpicky", "--quiet")
    done = subprocess.run(
        [sys.executable, "-m", "sphinx", *strict, "-d", folder / "cache", ROOT / "docs", folder / "html"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    return folder / "html"


def leaves(command: click.Command, *names: str) -> Iterator[tuple[str, click.Command]]:
    if isinstance(command, click.Group):
        for name, inner in command.commands.items():
            yield from leaves(inner, *names, name)
    else:
        yield "-".join(names), command


@pytest.mark.slow
def test_every_page_is_reached(site: Path) -> None:
    for page in PAGES:
        if page.startswith("docs/"):
            assert (site / page.removeprefix("docs/")).with_suffix(".html").exists()


@pytest.mark.slow
def test_every_option_is_in_the_command_reference(site: Path) -> None:
    text = unescape((site / "commands.html").read_text(encoding="utf-8"))
    for name, command in leaves(cli):
        for parameter in command.params:
            if isinstance(parameter, click.Option):
                (option,) = (o for o in parameter.opts if o.startswith("--"))
                assert f'id="cmdoption-autograder-{name}-{option.removeprefix("--")}"' in text


@pytest.mark.slow
def test_no_path_of_this_machine_is_in_the_command_reference(site: Path) -> None:
    assert str(ROOT) not in (site / "commands.html").read_text(encoding="utf-8")


@pytest.mark.slow
def test_all_that_suites_import_is_in_the_api(site: Path) -> None:
    text = (site / "author/api.html").read_text(encoding="utf-8")
    documented = set(autograder.testing.__all__) - {"Array"}  # an alias for numpy's type
    assert [name for name in documented if f'id="autograder.testing.{name}"' not in text] == []
    assert 'id="autograder.check"' in text
