"""Answers that the notebook gives away: code with all numbers of one is reviewed by a person."""

ANSWERS = ((75.0, -12.0), (0.46772, 1.99827))
