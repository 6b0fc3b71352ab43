"""The public tests: what the notebook's visible test cells check, one test for each thing."""
