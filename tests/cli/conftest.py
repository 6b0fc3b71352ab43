"""A command that needs no process for students."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.cli.main import main
from tests.conftest import Command


@pytest.fixture
def light_command(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    """Return a function that runs `autograder` in a folder; it needs no process for students."""

    def run(folder: Path, *arguments: str, status: int = 0) -> str:
        monkeypatch.chdir(folder)
        with pytest.raises(SystemExit) as ended:
            main(arguments)
        out, err = capsys.readouterr()
        assert (ended.value.code or 0) == status, err
        return f"{out}{err}"

    return run
