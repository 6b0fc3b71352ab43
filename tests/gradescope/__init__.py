"""Tests of autograder.gradescope."""
