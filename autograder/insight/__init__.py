"""What a class has understood: statistics, mistakes, groups and similar code, from its records."""
