"""Small renderers: each turns records into one format."""
