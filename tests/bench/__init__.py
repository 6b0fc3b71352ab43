"""Tests of the benchmark, of what is pure in it: nothing is graded here."""
