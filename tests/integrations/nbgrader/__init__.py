"""Tests of autograder.integrations.nbgrader."""
