"""Tests of autograder.integrations.gradescope."""
