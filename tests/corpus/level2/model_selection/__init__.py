"""The assignment `model_selection`."""
