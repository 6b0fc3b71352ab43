"""The suites that come with the kit, one folder for each assignment."""

from pathlib import Path

SUITES = Path(__file__).parent
HANDED_OUT = SUITES / "handed_out.json"
"""The suite folder and the preloaded modules of each assignment, by its name; only in the
students' kit."""
PUBLIC_SEED = "public"
"""The seed of the inputs with which students check their own work."""
PRELOAD = ("torch", "numpy", "sklearn.datasets", "matplotlib.pyplot")
"""The modules that most notebooks import."""
