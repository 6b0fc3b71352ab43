"""Grades one submission inside Gradescope's container; `autograder package gradescope` sends it."""
