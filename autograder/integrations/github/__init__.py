"""GitHub: receives pushed notebooks, and shows results in jobs and in Classroom 50."""
