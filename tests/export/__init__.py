"""Tests of the formats that grades leave in."""
