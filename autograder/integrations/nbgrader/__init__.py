"""The adapter to nbgrader: its configuration, preprocessors, gradebook and release."""

from autograder.integrations.nbgrader.configuration import configure

__all__ = ["configure"]
