"""PostgreSQL: the engine, and migrations under a lock."""

from heedful.common.db.engine import (
    DatabaseUnavailable,
    address,
    create_engine,
    ping,
    plain_dsn,
    refusal,
)
from heedful.common.db.migrate import Migrations, migrate, require_migrated

__all__ = [
    "DatabaseUnavailable",
    "Migrations",
    "address",
    "create_engine",
    "migrate",
    "ping",
    "plain_dsn",
    "refusal",
    "require_migrated",
]
