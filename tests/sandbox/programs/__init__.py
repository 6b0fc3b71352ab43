"""Programs that run in a confined cell and as ordinary scripts, and print JSON to be compared."""
