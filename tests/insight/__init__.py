"""Tests of what the records of a class show. Nothing is graded: the records are made up."""
