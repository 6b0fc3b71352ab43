"""Where the support code of the suite is."""

from pathlib import Path

SUPPORT = Path(__file__).parent / "support"
