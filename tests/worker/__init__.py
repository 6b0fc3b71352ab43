"""Tests of autograder.worker."""
