"""Tests of the student's own check."""
