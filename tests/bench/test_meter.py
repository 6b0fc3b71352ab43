"""The meter counts all processes of a command, also those that nobody waits for."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from bench.meter import measure

LEFT_BEHIND = """
import os, time
if os.fork() == 0:  # its parent is gone before it
    while time.process_time() < 0.5:
        pass
    os._exit(0)
os._exit(0)
"""


def test_processor_time_of_processes_left_behind_is_counted(tmp_path: Path) -> None:
    cost = measure([sys.executable, "-c", LEFT_BEHIND], tmp_path, os.environ)
    assert cost.cpu > 0.45
    assert (cost.status, cost.memory) == (0, 0)


def test_status_and_output_of_the_command_are_kept(tmp_path: Path) -> None:
    code = "import os, sys; print(os.getcwd()); sys.exit(3)"
    cost = measure([sys.executable, "-c", code], tmp_path, os.environ)
    assert cost.status == 3
    assert cost.output.strip() == str(tmp_path.resolve())


def test_memory_is_the_peak(tmp_path: Path) -> None:
    code = "import time; x = b'1' * (200 << 20); time.sleep(0.5); del x; time.sleep(0.2)"
    cost = measure([sys.executable, "-c", code], tmp_path, os.environ, memory=True)
    assert 200 << 20 < cost.memory < 300 << 20
