"""Every command in the documentation exists and takes the options that it is shown with."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator

import click
import pytest
import yaml

from autograder.cli.main import cli
from tests.conftest import ROOT
from tests.docs.pages import PAGES, blocks, prose

ELSEWHERE = {
    *("bash", "cat", "cd", "cp", "mkdir", "git", "gh", "docker", "pip", "ssh-keygen"),
    *("createuser", "createdb"),
}
"""Programs of others: their options cannot be tested here."""
TESTED_AS_A_WHOLE = "for repository in"  # tests/integrations/github/test_documents.py runs it


def simple_commands(script: str) -> Iterator[list[str]]:
    """Yield the simple commands of a shell script, without comments and redirections."""
    for line in script.replace("\\\n", " ").splitlines():
        lexer = shlex.shlex(line, posix=True, punctuation_chars="();<>|&")
        lexer.whitespace_split = True
        words: list[str] = []
        tokens = iter(lexer)
        for token in tokens:
            if token in {"<", ">"}:
                next(tokens)
            elif token and set(token) <= set("();|&"):
                yield words
                words = []
            else:
                words.append(token)
        yield words


def shown() -> Iterator[tuple[str, list[str]]]:
    """Yield all commands in blocks of code, with their page."""
    scripts = [(block.page, block.text) for block in blocks("bash")]
    for block in blocks("yaml", "docs/ci/other.md"):
        scripts += [(block.page, line) for line in yaml.safe_load(block.text)["grade"]["script"]]
    for page, script in scripts:
        if not script.startswith(TESTED_AS_A_WHOLE):
            yield from ((page, words) for words in simple_commands(script) if words)


def mentioned() -> Iterator[tuple[str, list[str]]]:
    """Yield all commands in running text, with their page."""
    for page in PAGES:
        for text in re.findall(
            r"`((?:autograder|nbgrader|make|dask|docker run) [^`]+)`", prose(page)
        ):
            yield page, [word for word in shlex.split(text) if word != "…"]


def name(value: str | list[str]) -> str:
    """Return the name of a test's parameter: the page, or the command."""
    return value if isinstance(value, str) else " ".join(value)[:60]


def find(words: list[str]) -> tuple[click.Command, list[str]]:
    """Return the command of `autograder …` or `dask …`, and its arguments."""
    program, rest = words[0], words[1:]
    if program == "dask":
        from distributed.cli import dask_scheduler, dask_worker

        commands = {"scheduler": dask_scheduler.main, "worker": dask_worker.main}
        return commands[rest[0]], rest[1:]
    command: click.Command = cli
    while isinstance(command, click.Group) and rest and not rest[0].startswith("-"):
        assert rest[0] in command.commands, f"no command {rest[0]}"
        command, rest = command.commands[rest[0]], rest[1:]
    return command, rest


def check_options(words: list[str]) -> None:
    command, arguments = find(words)
    with command.context_class(command, info_name=words[0]) as context:
        command.make_parser(context).parse_args(list(arguments))


def check(page: str, words: list[str], *, complete: bool) -> None:
    program = words[0]
    if program == "docker" and "autograder" in words and words[1] == "run":
        inner = words[words.index("autograder") :]
        check(page, inner, complete=complete)
    elif program in {"autograder", "dask"}:
        check_options(words)
        if complete:
            command, arguments = find(words)
            command.make_context(program, list(arguments))
    elif program == "nbgrader":
        from nbgrader.apps import NbGraderApp

        assert words[1] in NbGraderApp.subcommands
    elif program == "make":
        makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
        targets = [word for word in words[1:] if "=" not in word]
        assert all(f"\n{target}:" in makefile for target in targets)
        variables = [word.split("=")[0] for word in words[1:] if "=" in word]
        assert all(f"\n{name} " in makefile or f"$({name})" in makefile for name in variables)
    elif program == "pytest" or program.endswith("/pytest"):
        options = (ROOT / "autograder/grading/pytest_plugin.py").read_text(encoding="utf-8")
        assert all(f'"{word}"' in options for word in words if word.startswith("--"))
        assert all((ROOT / word).exists() for word in words[1:] if "/" in word)
    else:
        assert program in ELSEWHERE, program


@pytest.mark.filterwarnings("ignore")  # nbgrader, SQLAlchemy and distributed, as they are imported
@pytest.mark.parametrize(("page", "words"), list(shown()), ids=name)
def test_a_command_in_a_block_can_be_run_as_it_stands(page: str, words: list[str]) -> None:
    check(page, words, complete=True)


@pytest.mark.filterwarnings("ignore")
def test_commands_in_running_text_exist() -> None:
    found = list(mentioned())
    assert len(found) > 60
    for page, words in found:
        try:
            check(page, words, complete=False)
        except click.BadOptionUsage:  # `--dask` is mentioned without its address
            continue
        except (AssertionError, click.ClickException) as error:
            pytest.fail(f"{page}: {' '.join(words)}: {error}")


def test_every_block_says_what_it_is() -> None:
    """A block without a kind would be neither a command nor an output that is tested."""
    for page in PAGES:
        if page != "bench/README.md":
            assert blocks("", page) == []
