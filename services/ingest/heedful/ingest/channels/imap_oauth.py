"""Access tokens for a mailbox: OAuth 2.0 (RFC 6749, sections 4.4 and 6).

Microsoft 365 gives them to an application (client credentials), Google to whoever holds a refresh
token: https://learn.microsoft.com/exchange/client-developer/legacy-protocols/how-to-authenticate-an-imap-pop-smtp-application-by-using-oauth
and https://developers.google.com/workspace/gmail/imap/xoauth2-protocol. A server may give another
refresh token with each access token; the one of before dies with its age.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Final

import aiohttp
import orjson

from heedful.ingest.channels import Line, VendorFailure

MAX_REFRESH_CHARS: Final = 4000

_EARLY = timedelta(minutes=2)
_SHORTEST = timedelta(minutes=1)
_READ_AT_MOST = 64 * 1024
_REFUSED_PAUSE = timedelta(minutes=15)
_LONG_AGO = datetime.min.replace(tzinfo=UTC)


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


@dataclass(frozen=True, slots=True)
class _Given:
    """What a token server answered; `refresh_token` where it replaces the one that was shown
    (RFC 6749, section 6)."""

    token: str
    lasts: timedelta
    refresh_token: str | None


@dataclass(frozen=True, slots=True)
class _Kept:
    """An access token, and how the next one is asked for.

    Attributes:
        shown: what the connection had when it was asked for.
        current: what is shown the next time.
    """

    shown: Grant
    current: Grant
    token: str
    until: datetime


class Tokens:
    """Access tokens of connections, kept until shortly before they expire."""

    def __init__(self) -> None:
        self._kept: dict[str, _Kept] = {}

    async def token(
        self, line: Line, grant: Grant, now: datetime, keep: Callable[[str], Awaitable[None]]
    ) -> str:
        """A token that is good for a while.

        Args:
            keep: takes a refresh token that replaces the one of the grant; it is called again
                until the grant has it.

        Raises:
            VendorFailure: none was given.
        """
        kept = self._kept.get(line.connection_id)
        if kept is not None and grant not in (kept.shown, kept.current):
            kept = None
        if kept is None or kept.until <= now:
            asked = grant if kept is None else kept.current
            given = await _asked(line, asked)
            current = replace(asked, refresh_token=given.refresh_token or asked.refresh_token)
            until = now + max(given.lasts - _EARLY, _SHORTEST)
            kept = self._kept[line.connection_id] = _Kept(grant, current, given.token, until)
        if kept.current.refresh_token != grant.refresh_token and kept.current.refresh_token:
            await keep(kept.current.refresh_token)
        return kept.token

    def forget(self, connection_id: str) -> None:
        """The mail server refused it."""
        kept = self._kept.get(connection_id)
        if kept is not None:
            self._kept[connection_id] = replace(kept, until=_LONG_AGO)


async def _asked(line: Line, grant: Grant) -> _Given:
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
        lasting = timedelta(seconds=min(float(lasts), 86_400.0))
    except (TypeError, ValueError):
        lasting = timedelta(hours=1)
    return _Given(token, lasting, None if grant.refresh_token is None else _refresh(answer))


def _refresh(answer: Mapping[str, object]) -> str | None:
    found = answer.get("refresh_token")
    if found is None or found == "":
        return None
    if not isinstance(found, str) or len(found) > MAX_REFRESH_CHARS:
        raise VendorFailure(
            f"the token server gave a refresh token that is no text of {MAX_REFRESH_CHARS}"
            " characters at most"
        )
    return found
