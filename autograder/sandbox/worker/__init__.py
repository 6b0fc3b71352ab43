"""Everything that runs beside student code: it holds no secrets and imports no other package."""
