"""Alembic history of the schema `journey`."""
