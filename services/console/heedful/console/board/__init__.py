"""The board: what is chosen on it, what is done with many cases at once, what keeps it live."""
