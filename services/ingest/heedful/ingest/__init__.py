"""Every channel in, nothing lost: HTTP to the log."""
