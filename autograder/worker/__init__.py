"""What runs beside student code. Imports nothing else of the kit and holds nothing worth reading."""
