"""Tests of autograder.nbgrader."""
