"""Tests of what stands between a CI job and the grader."""
