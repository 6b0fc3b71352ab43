"""Tests of the benchmark's pure functions, without grading."""
