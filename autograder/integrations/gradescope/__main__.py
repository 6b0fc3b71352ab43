"""`python -m autograder.integrations.gradescope FOLDER`, as `run_autograder` calls it."""

from __future__ import annotations

import sys
from pathlib import Path

from autograder.integrations.gradescope.container import run

run(Path(sys.argv[1]))
