"""Who has signed in, and for how long."""
