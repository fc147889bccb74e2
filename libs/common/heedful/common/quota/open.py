"""Which store holds the buckets."""

from sqlalchemy.ext.asyncio import AsyncEngine

from heedful.common.quota.store import TokenStore
from heedful.common.quota.store_postgres import PostgresStore
from heedful.common.settings import QuotaSettings


def open_store(settings: QuotaSettings, engine: AsyncEngine) -> TokenStore:
    """Redis when its URL is set, else PostgreSQL; not connected yet.

    Raises:
        ConfigurationError: the URL is wrong.
    """
    if settings.redis_url is None:
        return PostgresStore(engine)
    # Its clients cost every process a tenth of a second at its start, and most have no Redis.
    from heedful.common.quota.store_redis import RedisStore

    return RedisStore(settings.redis_url.get_secret_value())
