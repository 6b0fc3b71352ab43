"""`python -m autograder.gradescope FOLDER`, as `run_autograder` calls it."""

from __future__ import annotations

import sys
from pathlib import Path

from autograder.gradescope.run import run

run(Path(sys.argv[1]))
