"""From the bulk downloads of Canvas, Moodle and Gradescope to nbgrader's submitted/."""
