"""The adapter to nbgrader: its configuration, preprocessors, gradebook and release."""

from autograder.nbgrader.config import configure

__all__ = ["configure"]
