"""What every heedful service shares; knows nothing of any service."""
