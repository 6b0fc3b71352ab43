"""Connects the kit to nbgrader, Gradescope, GitHub, Canvas and Moodle."""
