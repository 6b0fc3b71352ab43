"""Grades for where they are kept: tables, Canvas, Moodle, Gradescope."""

FORMATS = ("csv", "canvas", "moodle", "gradescope", "json", "junit")
