"""PostgreSQL: the engine, and migrations under a lock."""

from heedful.common.db.engine import address, create_engine, ping, plain_dsn
from heedful.common.db.migrate import Migrations, migrate

__all__ = ["Migrations", "address", "create_engine", "migrate", "ping", "plain_dsn"]
