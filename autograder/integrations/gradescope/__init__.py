"""Gradescope: an autograder for its container, and the parser of its bulk export."""
