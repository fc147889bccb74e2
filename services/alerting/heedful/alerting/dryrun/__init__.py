"""What a policy would have made of what was received in the last days (reference/sla.md §4.7)."""
