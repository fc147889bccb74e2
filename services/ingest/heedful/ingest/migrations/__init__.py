"""Alembic history of the schema `ingest`."""
