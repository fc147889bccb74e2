"""The monthly report across departments: what came in, what was kept, what landed."""
