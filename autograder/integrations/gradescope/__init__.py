"""Builds an autograder for Gradescope, runs in its container, and parses its bulk export."""
