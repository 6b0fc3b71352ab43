"""Says why a test failed: what it observed, which known mistake that fits, what exceptions mean."""
