"""The assignment `mlp_classifier`."""
