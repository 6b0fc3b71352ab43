"""The gradebook is imported without the rest of nbgrader, which can be imported later."""

import subprocess
import sys


def printed(program: str) -> str:
    return subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    ).stdout


def test_the_gradebook_is_imported_without_nbgraders_server() -> None:
    program = "import sys, autograder.integrations.nbgrader.gradebook; print(*sys.modules)"
    imported = printed(program).split()
    assert "nbgrader.api" in imported
    assert [name for name in imported if name.startswith("nbgrader.server_extensions")] == []


def test_what_needs_all_of_nbgrader_gets_it_with_the_same_gradebook() -> None:
    program = (
        "from autograder.integrations.nbgrader.api import Gradebook\n"
        "import nbgrader, nbgrader.apps.nbgraderapp, nbgrader.api\n"
        "from nbgrader import api\n"
        "print(nbgrader.__version__, api.Gradebook is Gradebook)"
    )
    version, same = printed(program).split()
    assert version
    assert same == "True"
