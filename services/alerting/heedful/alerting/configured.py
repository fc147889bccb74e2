"""The endpoint of the settings follows them: stored, renewed, or switched off."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from heedful.alerting import endpoint_changes, store_endpoints
from heedful.alerting.audit import Entry, record
from heedful.alerting.case import SERVICE
from heedful.alerting.delivery_records import Account
from heedful.alerting.endpoint import EVERY_TENANT, Endpoint
from heedful.alerting.store_endpoints import CONFIGURED
from heedful.common.errors import ConfigurationError
from heedful.common.security.secrets import SecretBox

_CONTEXT = f"endpoint:{CONFIGURED}"
_GONE = "it is not in the settings any more"


async def follow(
    connection: AsyncConnection,
    now: datetime,
    secrets: SecretBox,
    url: str | None,
    secret: bytes | None,
) -> None:
    """Make the endpoint what the settings say; what that changes stands in the audit.

    Args:
        url, secret: None: there is to be none.
    """
    held = await store_endpoints.lock(connection, EVERY_TENANT, CONFIGURED)
    if url is None or secret is None:
        if held is None or not held[0].enabled:
            return
        await store_endpoints.disable(connection, now, CONFIGURED, _GONE)
        await record(
            connection, now, endpoint_changes.changed(SERVICE, held[0], await _now(connection))
        )
        return
    made = await store_endpoints.configure(connection, now, url, secrets.seal(secret, _CONTEXT))
    after = await _now(connection)
    if made:
        await record(connection, now, endpoint_changes.created(SERVICE, after))
    elif held is not None:
        await record(connection, now, *_changes(*held, after, secrets, secret))


async def _now(connection: AsyncConnection) -> Endpoint:
    found = await store_endpoints.get(connection, EVERY_TENANT, CONFIGURED)
    if found is None:
        raise LookupError("the endpoint of the settings was deleted while it was stored")
    return found


def _changes(
    before: Endpoint, account: Account, after: Endpoint, secrets: SecretBox, secret: bytes
) -> list[Entry]:
    """Of every start nothing, as long as the settings stay."""
    found = []
    if (before.url, before.enabled) != (after.url, after.enabled):
        found.append(endpoint_changes.changed(SERVICE, before, after))
    if not _is(account.sealed, secrets, secret):
        found.append(endpoint_changes.rotated(SERVICE, before, after))
    return found


def _is(sealed: bytes, secrets: SecretBox, secret: bytes) -> bool:
    try:
        return secrets.open(sealed, _CONTEXT) == secret
    except ConfigurationError:
        # Sealed by a key that is not in use any more: what it was nobody can tell.
        return False
