"""From journey's events in PostgreSQL to the columns that insights are computed from."""
