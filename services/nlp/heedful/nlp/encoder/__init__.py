"""The trained encoder without its engine: labels, tokens, windows and what its outputs mean."""
