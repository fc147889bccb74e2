"""How every aiokafka client connects, and how it is let go."""

import asyncio
import ssl
from collections.abc import Coroutine, Iterable
from typing import Any

from heedful.common.errors import ConfigurationError
from heedful.common.settings import KafkaSettings, SecurityProtocol

_ANSWER_S = 20
_CANCELLATIONS = 5
_CANCEL_S = 0.2


def connection(settings: KafkaSettings, answer_s: float = 0) -> dict[str, Any]:
    """Keyword arguments that every aiokafka client takes to connect.

    Args:
        answer_s: how long the broker may take to answer, if that is longer than usual.

    Raises:
        ConfigurationError: SASL without a name and password, or mTLS with half a pair.
    """
    found: dict[str, Any] = {
        "bootstrap_servers": settings.bootstrap_servers,
        "security_protocol": settings.security_protocol.value,
        "request_timeout_ms": int(max(_ANSWER_S, answer_s) * 1000),
    }
    protocol = settings.security_protocol
    if protocol in (SecurityProtocol.SSL, SecurityProtocol.SASL_SSL):
        found["ssl_context"] = _ssl_context(settings)
    if protocol in (SecurityProtocol.SASL_PLAINTEXT, SecurityProtocol.SASL_SSL):
        if settings.sasl_username is None or settings.sasl_password is None:
            raise ConfigurationError(
                f"{protocol} needs HEEDFUL_KAFKA__SASL_USERNAME and HEEDFUL_KAFKA__SASL_PASSWORD"
            )
        found["sasl_mechanism"] = settings.sasl_mechanism.value
        found["sasl_plain_username"] = settings.sasl_username
        found["sasl_plain_password"] = settings.sasl_password.get_secret_value()
    return found


async def closed(stop: Coroutine[Any, Any, None], seconds: float) -> BaseException | None:
    """Run a client's own `stop` for at most `seconds`; what went wrong, or None.

    With the broker away it hangs (aiokafka#773) or raises the CancelledError of a task of its
    own, which must not pass for a cancellation of ours.
    """
    stopping = asyncio.ensure_future(stop)
    try:
        await asyncio.wait({stopping}, timeout=seconds)
    finally:
        stopping.cancel()
    if not stopping.done():
        return TimeoutError(f"not closed within {seconds:g} s")
    return asyncio.CancelledError() if stopping.cancelled() else stopping.exception()


async def end(tasks: Iterable["asyncio.Task[Any] | None"]) -> None:
    """Cancel tasks that a client left behind: some answer the first cancellation with a wait."""
    left = {task for task in tasks if task is not None and not task.done()}
    for _ in range(_CANCELLATIONS):
        if not left:
            return
        for task in left:
            task.cancel()
        _, left = await asyncio.wait(left, timeout=_CANCEL_S)


def _ssl_context(settings: KafkaSettings) -> ssl.SSLContext:
    context = ssl.create_default_context(
        cafile=None if settings.ssl_cafile is None else str(settings.ssl_cafile)
    )
    if (settings.ssl_certfile is None) != (settings.ssl_keyfile is None):
        raise ConfigurationError(
            "mTLS needs both HEEDFUL_KAFKA__SSL_CERTFILE and HEEDFUL_KAFKA__SSL_KEYFILE"
        )
    if settings.ssl_certfile is not None:
        context.load_cert_chain(settings.ssl_certfile, settings.ssl_keyfile)
    return context
