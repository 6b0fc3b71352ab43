"""Tests of autograder.suites."""
