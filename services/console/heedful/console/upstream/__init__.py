"""The four services as the console sees them: their HTTP APIs, and nothing else of them."""
