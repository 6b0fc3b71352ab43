"""Adopts, validates and verifies assignments, and builds the students' kit."""
