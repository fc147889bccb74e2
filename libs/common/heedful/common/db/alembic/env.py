"""Alembic runs this file for every history; the caller gives connection and schema."""

from alembic import context

connection = context.config.attributes["connection"]
schema = context.config.attributes["schema"]

context.configure(
    connection=connection,
    version_table="alembic_version",
    version_table_schema=schema,
    target_metadata=None,
)
with context.begin_transaction():
    context.run_migrations()
