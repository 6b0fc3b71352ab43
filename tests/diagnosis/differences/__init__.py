"""Tests of autograder.diagnosis.differences."""
