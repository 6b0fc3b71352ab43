"""Exports `configure`, which a course's `nbgrader_config.py` imports from here."""

from autograder.integrations.nbgrader.configuration import configure

__all__ = ["configure"]
