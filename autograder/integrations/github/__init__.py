"""Between a CI job and the grader: what was pushed comes in, what came of it goes out."""
