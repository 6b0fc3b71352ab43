"""Mistakes that people who learn machine learning make, each a change to a syntax tree."""
