"""A customer's events as a journey: sessions, stages, waits, and what they show. Pure."""
