"""The commands of `autograder`, one module each: they read options and show results."""
