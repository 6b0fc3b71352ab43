"""Tests of what comes out of downloads."""
