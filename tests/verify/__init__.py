"""Tests of autograder.verify."""
