"""Whether a database still holds something: every column of every table is looked at."""

from collections.abc import Collection, Mapping, Sequence

import asyncpg

THE_LOG = frozenset({"bus"})
"""Schemas that are left out: the log forgets by its retention, and its receipt says when."""

_COLUMNS = """
    SELECT c.table_schema, c.table_name, c.column_name, c.data_type
    FROM information_schema.columns c
    JOIN information_schema.tables t USING (table_schema, table_name)
    WHERE t.table_type = 'BASE TABLE'
        AND c.table_schema NOT IN ('pg_catalog', 'information_schema')
    ORDER BY 1, 2, c.ordinal_position
"""


async def leftovers(url: str, values: Collection[str]) -> list[str]:
    """Each place that holds one of the values, as schema.table.column: value."""
    connection = await asyncpg.connect(url)
    try:
        found = []
        for place in await columns(connection):
            held = await connection.fetch(_holding(place), list(values))
            name = ".".join((place["table_schema"], place["table_name"], place["column_name"]))
            found += [f"{name}: {row['value']}" for row in held]
        return found
    finally:
        await connection.close()


async def columns(connection: "asyncpg.Connection") -> Sequence[Mapping[str, str]]:
    """Every column of every table but those of the log."""
    rows = await connection.fetch(_COLUMNS)
    return [dict(row) for row in rows if row["table_schema"] not in THE_LOG]


def _holding(place: Mapping[str, str]) -> str:
    table = f'"{place["table_schema"]}"."{place["table_name"]}"'
    column = f'"{place["column_name"]}"'
    if place["data_type"] == "bytea":
        held = f"position(convert_to(w.value, 'UTF8') IN {column}) > 0"
    else:
        # JSON in a text may write other letters as \uXXXX; as jsonb it writes them as they are.
        held = f"position(w.value IN CAST({column} AS text)) > 0"
    return (
        f"SELECT w.value FROM unnest(CAST($1 AS text[])) AS w (value)"  # noqa: S608  # names
        f" WHERE EXISTS (SELECT FROM {table} WHERE {held})"
    )
