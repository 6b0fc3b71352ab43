"""Grades for where they are kept: tables, Canvas, Moodle."""
