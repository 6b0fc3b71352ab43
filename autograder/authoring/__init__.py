"""What authors of assignments use: adopt, validate, verify, and the students' kit."""
