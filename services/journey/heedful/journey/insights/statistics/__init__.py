"""Statistics that several insights share. Pure."""
