"""Access tokens for a mailbox: OAuth 2.0 (RFC 6749, sections 4.4 and 6).

Microsoft 365 gives them to an application (client credentials), Google to whoever holds a refresh
token: https://learn.microsoft.com/exchange/client-developer/legacy-protocols/how-to-authenticate-an-imap-pop-smtp-application-by-using-oauth
and https://developers.google.com/workspace/gmail/imap/xoauth2-protocol.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

import aiohttp
import orjson

from heedful.ingest.channels import Line, VendorFailure

_EARLY = timedelta(minutes=2)
_SHORTEST = timedelta(minutes=1)
_READ_AT_MOST = 64 * 1024
_REFUSED_PAUSE = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Grant:
    """What is shown to get a token.

    Attributes:
        refresh_token: None for a client that acts for itself.
    """

    token_url: str
    client_id: str
    client_secret: str
    refresh_token: str | None
    scope: str | None

    def form(self) -> dict[str, str]:
        form = {"client_id": self.client_id, "client_secret": self.client_secret}
        if self.refresh_token is None:
            form["grant_type"] = "client_credentials"
        else:
            form |= {"grant_type": "refresh_token", "refresh_token": self.refresh_token}
        return form if self.scope is None else {**form, "scope": self.scope}


class Tokens:
    """Access tokens of connections, kept until shortly before they expire."""

    def __init__(self) -> None:
        self._kept: dict[str, tuple[Grant, str, datetime]] = {}

    async def token(self, line: Line, grant: Grant, now: datetime) -> str:
        """A token that is good for a while.

        Raises:
            VendorFailure: none was given.
        """
        kept = self._kept.get(line.connection_id)
        if kept is not None and kept[0] == grant and now < kept[2]:
            return kept[1]
        token, lasts = await _asked(line, grant)
        until = now + max(lasts - _EARLY, _SHORTEST)
        self._kept[line.connection_id] = (grant, token, until)
        return token

    def forget(self, connection_id: str) -> None:
        """The mail server refused it."""
        self._kept.pop(connection_id, None)


async def _asked(line: Line, grant: Grant) -> tuple[str, timedelta]:
    try:
        async with line.http.post(
            line.base_url(grant.token_url), data=grant.form(), allow_redirects=False
        ) as response:
            body = await response.content.read(_READ_AT_MOST)
            status = response.status
    except (TimeoutError, aiohttp.ClientError, OSError) as error:
        raise VendorFailure(f"the token server: {type(error).__name__}") from error
    try:
        found = orjson.loads(body)
    except orjson.JSONDecodeError:
        found = None
    answer = found if isinstance(found, dict) else {}
    token, lasts = answer.get("access_token"), answer.get("expires_in", 3600)
    if status != 200 or not isinstance(token, str) or not token:
        said = answer.get("error")
        code = said if isinstance(said, str) and said.isidentifier() else f"status {status}"
        pause = _REFUSED_PAUSE if 400 <= status < 500 and status != 429 else None
        raise VendorFailure(f"the token server gave no access token ({code})", pause)
    try:
        return token, timedelta(seconds=min(float(lasts), 86_400.0))
    except (TypeError, ValueError):
        return token, timedelta(hours=1)
