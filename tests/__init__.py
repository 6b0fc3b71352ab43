"""Tests of the kit, in the same folders as the package."""
