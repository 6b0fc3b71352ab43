"""What runs beside student code: imports nothing else of the kit, holds nothing secret."""
