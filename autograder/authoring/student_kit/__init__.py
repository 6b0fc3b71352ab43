"""Packs the kit for where it is to run: on Gradescope, on a student's machine."""
