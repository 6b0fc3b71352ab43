"""Tests of autograder.drawing."""
