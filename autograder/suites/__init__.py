"""The suites that come with the kit, one folder an assignment."""

from pathlib import Path

SUITES = Path(__file__).parent
HANDED_OUT = SUITES / "handed_out.json"
"""Only in the students' kit: the suite's folder of each assignment, by its name."""
PRELOAD = ("torch", "numpy", "sklearn.datasets", "matplotlib.pyplot")
"""What most notebooks import."""
