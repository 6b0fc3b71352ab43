"""The suite of the assignment on autograd and linear regression."""
