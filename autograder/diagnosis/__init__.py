"""Explains why tests failed: matches their observations with misconceptions, reads exceptions."""
