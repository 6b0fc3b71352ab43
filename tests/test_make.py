"""What `make` installs: torch's CPU build if its index answers, else the usual index's build.

The Makefile's own rule runs in a project of one file, which depends on torch alone. Both indexes
are on this machine and have a torch of no content.
"""

from __future__ import annotations

import functools
import http.server
import importlib.util
import os
import shutil
import socket
import subprocess
import sys
import threading
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.conftest import ROOT

pytestmark = pytest.mark.slow

PYPROJECT = """\
[build-system]
requires = []
build-backend = "backend"
backend-path = ["."]
"""
BACKEND = """\
import shutil

def build_editable(folder, config_settings=None, metadata_directory=None):
    return shutil.copy("kit-1-py3-none-any.whl", folder).rpartition("/")[2]
"""


def write_wheel(folder: Path, name: str, version: str, *lines: str) -> None:
    """Write a wheel that contains nothing but its metadata, of which `lines` are more."""
    folder.mkdir(parents=True, exist_ok=True)
    info = f"{name}-{version}.dist-info"
    metadata = "\n".join(("Metadata-Version: 2.1", f"Name: {name}", f"Version: {version}", *lines))
    with zipfile.ZipFile(folder / f"{name}-{version}-py3-none-any.whl", "w") as wheel:
        wheel.writestr(f"{info}/METADATA", f"{metadata}\n")
        wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\n")
        wheel.writestr(f"{info}/RECORD", "")


@contextmanager
def index(folder: Path, version: str) -> Iterator[str]:
    """Serve an index that has one version of torch; yield its address."""
    write_wheel(folder / "torch", "torch", version)
    with serving(folder) as address:
        yield address


@contextmanager
def serving(folder: Path) -> Iterator[str]:
    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, format: str, *arguments: object) -> None:
            """Say nothing."""

    handler = functools.partial(Quiet, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@contextmanager
def silence() -> Iterator[tuple[str, threading.Event]]:
    """Accept a connection and never answer; yield the address, and whether it was closed."""
    closed = threading.Event()

    def listen() -> None:
        connection, _ = server.accept()
        with connection:
            while connection.recv(1 << 16):
                pass
        closed.set()

    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=listen, daemon=True).start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}", closed


def unused_address() -> str:
    """Return an address that refuses connections."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return f"http://127.0.0.1:{server.getsockname()[1]}"


Install = Callable[[str], tuple[str, str]]


@pytest.fixture
def install(tmp_path: Path) -> Iterator[Install]:
    """Return a function that runs `make`; it returns the version of torch, and what was printed."""
    project = tmp_path / "project"
    shutil.copytree(ROOT / "tools", project / "tools")
    shutil.copy(ROOT / "Makefile", project)
    write_wheel(project, "kit", "1", "Requires-Dist: torch")
    (project / "pyproject.toml").write_text(PYPROJECT)
    (project / "backend.py").write_text(BACKEND)
    (project / "constraints.txt").write_text("torch==2.13.0\n")
    inherited = {
        k: v for k, v in os.environ.items() if not k.startswith(("PIP_", "MAKE", "MFLAGS"))
    }

    with index(tmp_path / "usual", "2.13.0") as usual:
        env = inherited | {
            "PIP_CONFIG_FILE": os.devnull,
            "PIP_INDEX_URL": usual,
            "PIP_NO_CACHE_DIR": "1",
            "no_proxy": "127.0.0.1",
        }

        def run(address: str) -> tuple[str, str]:
            variables = (f"PYTHON={sys.executable}", f"TORCH_INDEX={address}")
            done = subprocess.run(
                ["make", "--silent", ".venv/.ready", *variables],
                cwd=project, env=env, check=True, capture_output=True, text=True,
            )  # fmt: skip
            (torch,) = (project / ".venv").glob("lib/*/site-packages/torch-*.dist-info")
            assert "ERROR" not in done.stderr
            return torch.name.removeprefix("torch-").removesuffix(".dist-info"), done.stdout

        yield run


def test_torch_comes_from_the_index_of_cpu_builds(install: Install, tmp_path: Path) -> None:
    with index(tmp_path / "cpu", "2.13.0+cpu") as address:
        assert install(address) == ("2.13.0+cpu", "")


def test_an_index_without_the_pinned_version_is_passed_over(
    install: Install, tmp_path: Path
) -> None:
    with index(tmp_path / "cpu", "2.12.0+cpu") as address:
        version, said = install(address)
    assert version == "2.13.0"
    assert said == f"No CPU build of torch from {address}: using the usual index.\n"


def test_an_index_that_does_not_answer_is_left(install: Install) -> None:
    with silence() as (address, closed):
        version, said = install(address)
        assert version == "2.13.0"
        assert said == f"No CPU build of torch from {address}: using the usual index.\n"
        assert closed.wait(60)


def test_an_index_that_refuses_is_left(install: Install) -> None:
    assert install(unused_address())[0] == "2.13.0"


def test_no_index_is_asked_if_none_is_named(install: Install) -> None:
    assert install("") == ("2.13.0", "")


def test_a_name_that_is_never_resolved_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    asked, over = threading.Event(), threading.Event()

    def resolve(*_: object, **__: object) -> None:
        asked.set()
        over.wait()
        raise OSError

    spec = importlib.util.spec_from_file_location("cpu_torch", ROOT / "tools" / "cpu_torch.py")
    assert spec is not None
    assert spec.loader is not None
    cpu_torch = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(cpu_torch)
    assert cpu_torch.SECONDS == 2
    monkeypatch.setattr(cpu_torch, "SECONDS", 0.1)
    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    try:
        assert not cpu_torch.answers("http://torch.invalid")
        assert asked.wait(60)
    finally:
        over.set()
