"""Tests of autograder.authoring.verification."""
