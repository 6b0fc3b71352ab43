"""Tests of autograder.reports.charts."""
