"""What is asked of a cluster and not of a topic."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from heedful.common.bus.kafka.connection import connection
from heedful.common.errors import BusUnavailable
from heedful.common.settings import KafkaSettings


@asynccontextmanager
async def administering(
    settings: KafkaSettings, client_id: str
) -> AsyncIterator[AIOKafkaAdminClient]:
    """An admin client for the length of the block.

    Raises:
        BusUnavailable: Kafka does not answer, or a request in the block failed.
    """
    admin = AIOKafkaAdminClient(client_id=client_id, **connection(settings))
    try:
        await admin.start()
        yield admin
    except (KafkaError, OSError) as error:
        raise BusUnavailable(f"Kafka admin request failed: {error!r}") from error
    finally:
        await admin.close()
