"""What a request with an API key passes before its body is read: who, from where, how often, and
whether it was done before."""

from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from heedful.common.http.auth import Admission
from heedful.common.http.idempotency import Idempotency
from heedful.common.quota.quota import Quota
from heedful.common.security import Principal


class Door:
    """In front of every route that demands a key."""

    def __init__(self, quota: Quota, idempotency: Idempotency) -> None:
        self._quota = quota
        self._idempotency = idempotency

    async def enter(
        self, admission: Admission, inside: ASGIApp, scope: Scope, receive: Receive, send: Send
    ) -> None:
        """Let the request in, with its principal.

        Raises:
            Problem: 401, 403, 429, or of `Idempotency-Key`.
        """
        principal = await admission.admit(HTTPConnection(scope))
        await self._quota.take(principal, requests=1)
        scope.setdefault("state", {})["principal"] = principal

        async def telling(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._tell(principal, MutableHeaders(scope=message))
            await send(message)

        await self._idempotency.run(principal, admission, inside, scope, receive, telling)

    def _tell(self, principal: Principal, headers: MutableHeaders) -> None:
        """How the quotas stand; a refusal has said so already."""
        if "ratelimit" not in headers:
            headers.update(self._quota.fields(principal))
