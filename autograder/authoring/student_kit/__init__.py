"""Builds the students' kit: `autograder check` and the public tests, without any secrets."""
