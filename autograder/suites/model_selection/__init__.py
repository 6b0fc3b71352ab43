"""Tests of the assignment `model_selection`, which ask the reference what is right."""
