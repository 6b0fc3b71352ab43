"""Tests of autograder.authoring.student_kit."""
