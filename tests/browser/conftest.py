"""A browser that notes each request, and Jupyter servers with nothing of this machine in them."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import urlopen

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.conftest import ROOT, hand_in, write_course
from tests.integrations.nbgrader.commands import BIN, run

TOKEN = "letmein"
QUIET = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
)
LOGS: list[Path] = []  # of the servers that were started
SECONDS = 120  # a slow machine, and nobody waits longer than it takes

Shoot = Callable[[Page, str], None]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--screenshots", metavar="FOLDER", help="Keep pictures of what is shown.")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Show with a failure what the servers had to say."""
    report = yield
    if report.failed:
        report.sections += [(str(log), log.read_text()) for log in LOGS]
    return report


@dataclass
class Jupyter:
    """A server that runs, and the folder it serves."""

    address: str
    folder: Path

    def at(self, path: str) -> str:
        return f"{self.address}/{path}"


@contextmanager
def jupyter(folder: Path, home: Path) -> Iterator[Jupyter]:
    """Run JupyterLab in a folder until the context ends."""
    home.mkdir()
    write_setting(home, "notebook-extension/tracker", '{"windowingMode": "none"}')
    write_setting(home, "apputils-extension/notification", '{"fetchNews": "false"}')
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [
        str(BIN / "jupyter"), "lab", "--no-browser", "--allow-root", "--ServerApp.ip=127.0.0.1",
        f"--ServerApp.port={port}", "--ServerApp.port_retries=0",
        f"--IdentityProvider.token={TOKEN}", f"--LabApp.user_settings_dir={home}/lab",
        "--LabApp.extension_manager=readonly",
        "--LabApp.news_url=None", "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
    ]  # fmt: skip
    environment = os.environ | {
        "HOME": str(home),
        "PATH": f"{BIN}{os.pathsep}/usr/bin{os.pathsep}/bin",
        **{f"JUPYTER_{kind}_DIR": str(home / kind) for kind in ("CONFIG", "DATA", "RUNTIME")},
        "IPYTHONDIR": str(home / "ipython"),
    }
    LOGS.append(home / "log")
    with LOGS[-1].open("w") as log:
        process = subprocess.Popen(
            command, cwd=folder, env=environment, stdout=log, stderr=subprocess.STDOUT
        )
        server = Jupyter(f"http://127.0.0.1:{port}", folder)
        try:
            wait_for(process, server)
            yield server
        finally:
            process.terminate()
            process.wait(20)


def write_setting(home: Path, name: str, value: str) -> None:
    path = home / "lab" / "@jupyterlab" / f"{name}.jupyterlab-settings"
    path.parent.mkdir(parents=True)
    path.write_text(value)


def wait_for(process: subprocess.Popen[bytes], server: Jupyter) -> None:
    """Wait until a server answers."""
    while process.poll() is None:
        with suppress(OSError), urlopen(f"{server.address}/api", timeout=1):
            return
        with suppress(subprocess.TimeoutExpired):
            process.wait(0.2)
    raise RuntimeError("Jupyter did not start")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = next(filter(None, map(shutil.which, ("chromium", "chromium-browser"))), None)
    assert path, "there is no chromium: `make test-browser` installs it"
    expect.set_options(timeout=SECONDS * 1000)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=QUIET.split())
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A browser's window; at the end, no request may have left the machine."""
    context = browser.new_context(viewport={"width": 1200, "height": 900})
    context.set_default_timeout(SECONDS * 1000)
    asked: list[str] = []
    context.on("request", lambda request: asked.append(request.url))
    yield context
    context.close()
    abroad = {url for url in asked if urlsplit(url).hostname not in (None, "", "127.0.0.1")}
    assert not abroad


@pytest.fixture(scope="module")
def page(context: BrowserContext) -> Iterator[Page]:
    """A page; in the end, none of its scripts may have failed."""
    page = context.new_page()
    failures: list[str] = []
    page.on("pageerror", lambda error: failures.append(str(error)))
    yield page
    assert not failures


@pytest.fixture(scope="session")
def shoot(request: pytest.FixtureRequest) -> Shoot:
    """A function that keeps what a page shows as a picture, if pictures are wanted."""
    folder = request.config.getoption("--screenshots")

    def shoot(page: Page, name: str) -> None:
        if folder is not None:
            path = Path(folder, f"{name}.png")
            page.screenshot(path=path)
            smaller(path)

    return shoot


def smaller(path: Path) -> None:
    """Save a picture with as many colours as a page needs."""
    from PIL import Image

    with Image.open(path) as image:
        image.convert("RGB").quantize(128).save(path, optimize=True)


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A course with `linear_regression` and the sample class, released and not graded."""
    folder = tmp_path_factory.mktemp("browser") / "course"
    folder.mkdir()
    write_course(folder)
    shutil.copy(ROOT / "nbgrader_config.py", folder)
    shutil.copytree(ROOT / "solutions", folder / "solutions")
    hand_in(folder / "submitted", *(one.name for one in (ROOT / "examples/submitted").iterdir()))
    run(folder, "autograder", "release")
    return folder
