"""Tests of autograder.grading."""
