"""An automated grading kit for machine-learning assignments."""

__version__ = "0.1.0"
