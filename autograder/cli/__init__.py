"""The commands of `autograder`, thin: each asks a package that knows, and shows what it says."""
