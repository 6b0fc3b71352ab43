"""Installs a kit where nothing else of ours is."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path


def install(wheel: Path, folder: Path) -> Path:
    """Put a wheel into an environment of its own; return its Python. Libraries are those here."""
    subprocess.run(
        [sys.executable, "-m", "venv", "--system-site-packages", "--without-pip", str(folder)],
        check=True,
    )
    (site,) = folder.glob("lib/*/site-packages")
    zipfile.ZipFile(wheel).extractall(site)
    ours = subprocess.check_output(
        [sys.executable, "-c", "import site; print(site.getsitepackages()[0])"], text=True
    )
    (site / "dependencies.pth").write_text(ours)
    return folder / "bin" / "python"


def run(
    python: Path | str, *arguments: str, cwd: Path, **more: str
) -> subprocess.CompletedProcess[str]:
    """Run Python outside the repository."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("COV")} | more
    return subprocess.run(
        [str(python), *arguments], cwd=cwd, env=environment, encoding="utf-8", errors="replace",
        capture_output=True, check=False,
    )  # fmt: skip
