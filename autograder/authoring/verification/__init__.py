"""Tests the tests: grades submissions with known results, and reports what a suite gets wrong."""
