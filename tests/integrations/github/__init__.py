"""Tests of autograder.integrations.github."""
