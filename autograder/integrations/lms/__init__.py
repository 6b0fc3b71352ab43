"""Collects submissions from downloads of an LMS, and fills grades into its gradebook file."""
