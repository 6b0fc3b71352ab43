"""Runs student code in confined processes: starts the warm process and talks to its children."""
