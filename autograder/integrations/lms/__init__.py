"""Copies the downloads of Canvas, Moodle and Gradescope into submitted/, and grades back."""
