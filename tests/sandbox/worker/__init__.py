"""Tests of autograder.sandbox.worker."""
