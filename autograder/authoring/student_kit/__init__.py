"""Packs the students' kit: `autograder check`, the public tests, and no secrets."""
