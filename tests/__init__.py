"""The kit's own tests; they mirror the package."""
