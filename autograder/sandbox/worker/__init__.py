"""The warm process and its children, which hold no secrets and import no other package."""
