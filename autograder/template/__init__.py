"""What a repository begins with: files that are written once and then belong to it."""
