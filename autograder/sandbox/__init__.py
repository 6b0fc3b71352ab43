"""The grader's side of the wall: starts the warm process and talks to its children."""
