"""Tests of autograder.selfcheck."""
