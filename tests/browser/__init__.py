"""Tests of real Jupyter servers in a real browser. Run with `make test-browser`."""
