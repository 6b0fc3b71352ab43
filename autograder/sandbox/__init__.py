"""The grader's side of the wall: starts the warm process and speaks with its children."""
