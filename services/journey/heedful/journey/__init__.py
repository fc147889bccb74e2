"""Journey: who the customer is, what happened to them, and where it hurts."""
