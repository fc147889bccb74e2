"""Alembic history of the schemas `common` and `bus`."""
