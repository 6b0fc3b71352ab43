"""Tests of the documentation: pages, commands and outputs."""
