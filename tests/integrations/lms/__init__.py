"""Tests of autograder.integrations.lms."""
