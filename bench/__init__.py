"""Scripts that measure the kit and try to break it."""
