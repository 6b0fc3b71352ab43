"""Tests of autograder.diagnosis."""
