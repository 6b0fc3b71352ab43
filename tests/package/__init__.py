"""Tests of autograder.package."""
