"""A version of a policy or of a calendar, applied to clocks that run (reference/sla.md §4.6)."""
