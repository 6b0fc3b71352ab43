"""Settings around nbgrader: the values of its configuration, and the commands it finds."""

import os
import sys
from pathlib import Path
from typing import Any


def put_commands_on_path() -> None:
    """Put this environment's commands on PATH, because nbgrader calls `alembic` by name."""
    commands = str(Path(sys.executable).parent)
    if commands not in os.environ.get("PATH", "").split(os.pathsep):
        os.environ["PATH"] = commands + os.pathsep + os.environ.get("PATH", os.defpath)


def configured(section: Any, name: str, default: Any) -> Any:
    """Return a configured value, with additions such as `c.….append(…)` applied to the default."""
    value = section.get(name, default)
    return value.get_value(default) if hasattr(value, "get_value") else value
