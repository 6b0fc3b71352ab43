"""Tools of the maintainers, which the kit does not need."""
