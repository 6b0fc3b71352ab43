"""Tests of what repositories begin with."""
