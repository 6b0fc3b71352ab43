"""Tests the tests: sends what is known to be right, wrong or dishonest through a suite."""
