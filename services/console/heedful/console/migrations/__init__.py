"""Alembic history of the schema `console`."""
