"""Tests of the assignment `mlp_classifier`, which ask the reference what is right."""
