"""Corpora of submissions for tests: wrong answers, hostile notebooks, and attacks."""
