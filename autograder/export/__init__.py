"""Grades for where they are kept: tables, Canvas, Moodle."""

FORMATS = ("csv", "canvas", "moodle", "json", "junit")
