"""Draws small, accessible charts as SVG text, each in less than a millisecond."""
