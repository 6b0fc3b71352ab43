"""Record which system calls student processes make while a command runs, and write them down.

    python tools/record_calls.py FILE COMMAND...

It runs the command under strace, and writes one line for each call that a confined process made:
its name, the arguments that the filter checks, and whether it was refused. Lines that FILE has
already stay.
"""

from __future__ import annotations

import errno
import platform
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from autograder.sandbox.worker.seccomp import PR_SET_SECCOMP
from autograder.sandbox.worker.system_calls import CHECKED, ITSELF

CALL = re.compile(r"(?P<name>\w+)\((?P<arguments>.*)\)\s+= (?P<value>\S+)(?: (?P<error>E\w+))?")
HEADER = f"# What `make calls` saw student processes do, on {platform.machine()}.\n"


def main(file: Path, command: list[str]) -> int:
    """Run the command, and add to the file what it shows; return the command's exit status."""
    with tempfile.TemporaryDirectory() as folder:
        strace = ["strace", "-ff", "-o", f"{folder}/calls", "-e", "raw=all", "-e", "signal=none"]
        status = subprocess.run([*strace, *command], check=False).returncode
        logs = {int(path.suffix[1:]): path for path in Path(folder).iterdir()}
        lines = {line for pid in logs for line in confined(pid, logs)}
    before = file.read_text().splitlines()[1:] if file.exists() else []
    file.write_text(HEADER + "\n".join(sorted({*before, *lines})) + "\n")
    return status


def confined(pid: int, logs: dict[int, Path]) -> Iterator[str]:
    """Yield what a process and its threads did after it was confined, if it was."""
    text = logs[pid].read_text(errors="replace")
    _, start, rest = text.partition(f"prctl({PR_SET_SECCOMP:#x},")
    if not start:
        return
    waiting = [rest]
    while waiting:
        for line in waiting.pop().splitlines()[1:]:
            if (call := CALL.match(line)) is None:
                continue
            if call["name"] == "clone" and call["error"] is None:
                thread = logs.get(int(call["value"], 0))
                waiting += ["\n" + thread.read_text(errors="replace")] if thread else []
            yield described(call, pid)


def described(call: re.Match[str], pid: int) -> str:
    """Return the line for a call of the process `pid`."""
    name, arguments = call["name"], call["arguments"].split(", ")
    shown = []
    for check in CHECKED.get(name, ((0, 0), ()))[1]:
        value = (int(arguments[check.argument], 0) >> 32 * check.upper) & check.mask
        if ITSELF in check.values:
            shown.append("itself" if value == pid else "other")
        else:
            shown.append("address" if check.values == (0,) and value else f"{value:#x}")
    refused = call["error"] in (errno.errorcode[errno.EPERM], errno.errorcode[errno.ENOSYS])
    return " ".join([name, *shown, *(["refused"] if refused else [])])


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2:]))
