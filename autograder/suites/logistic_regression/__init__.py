"""Tests of the assignment `logistic_regression`, which ask the reference what is right."""
