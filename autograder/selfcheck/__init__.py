"""The student's own check: the public tests, on the student's own machine, in one process."""
