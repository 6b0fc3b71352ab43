"""Tests of autograder.testing."""
