"""Receives notebooks pushed to GitHub, and shows results in its jobs and in Classroom 50."""
