"""The suites that come with the kit, one folder an assignment."""

from pathlib import Path

SUITES = Path(__file__).parent
