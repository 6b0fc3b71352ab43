"""Tests of autograder.integrations."""
