"""Renders records: as pages, tables and JUnit XML, with charts."""
