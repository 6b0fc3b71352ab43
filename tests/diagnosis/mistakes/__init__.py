"""The library of mistakes."""
