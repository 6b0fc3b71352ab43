"""The public tests: the checks of the notebook's visible test cells, one test for each."""
