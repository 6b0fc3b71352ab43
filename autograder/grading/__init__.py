"""Turns submissions into records, in batches: one pytest session and one warm process each."""
