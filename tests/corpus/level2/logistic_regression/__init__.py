"""The assignment `logistic_regression`."""
