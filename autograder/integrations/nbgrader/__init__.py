"""The adapter to nbgrader: its configuration, preprocessors, gradebook and release."""
