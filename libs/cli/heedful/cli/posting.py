"""Posting feedback to a running instance until the log has it."""

import email.utils
import random
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

import click
import httpx

from heedful.common.waiting import backoff

BATCH_ITEMS: Final = 500
PATIENCE_S: Final = 300.0
"""How long a server may be away, or ask to wait, before the run is cut off."""

_BATCH: Final = "/v1/feedback/batch"
_TIMEOUT: Final = httpx.Timeout(60, connect=10)
_FIRST_WAIT_S: Final = 0.5
_LONGEST_WAIT_S: Final = 15.0
_GREETINGS: Final = 3
_GREET_EVERY_S: Final = 1.0
_TAKEN: Final = frozenset({200, 202, 207})
_LATER: Final = frozenset({408, 425, 429, 500, 502, 503, 504})
TOO_LARGE: Final = 413
_REMEDIES: Final = {
    401: "give a key with --key, or HEEDFUL_API_KEYS",
    403: "make a key with the scope feedback:write: heedful keys create",
    404: "--url is where ingest answers, without a path",
}


class CutOff(Exception):  # told to the user as it is
    """The run ends before its end, and can go on later."""


class Refused(Exception):  # told to the user as it is
    """The server takes nothing of this run."""


class NotThere(Exception):  # told to the user as it is
    """Nobody answers at that URL."""


@dataclass(frozen=True, slots=True)
class Posted:
    """What became of one item: `status` is ingest's word (accepted, duplicate, conflict, …)."""

    status: str
    detail: str = ""


class Sender:
    """Sends batches, one after the other.

    Args:
        wait: sleeps for so many seconds, or until `give_up`.
        now: seconds that only grow.
    """

    def __init__(
        self,
        client: httpx.Client,
        *,
        wait: Callable[[float], object] | None = None,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._client = client
        self._given_up = threading.Event()
        self._wait = wait or self._given_up.wait
        self._now = now

    def give_up(self) -> None:
        """Do not try again: the user wants to stop. From another thread."""
        self._given_up.set()

    def send(self, items: Sequence[bytes]) -> list[Posted]:
        """Post items, each the JSON of one feedback with an id; one result for each, in order.

        Raises:
            CutOff: the server was away for longer than there is patience.
            Refused: it takes nothing, whatever is sent.
        """
        if not items:
            return []
        answer = self.post(_BATCH, b"\n".join(items), "application/x-ndjson")
        if answer.status_code == TOO_LARGE:
            return self._smaller(items, answer)
        results: list[dict[str, Any]] = answer.json()["items"]
        return [Posted(one["status"], one.get("detail") or "") for one in results]

    def _smaller(self, items: Sequence[bytes], answer: httpx.Response) -> list[Posted]:
        """A server may take less at once than we send; sending a part twice does no harm."""
        if len(items) == 1:
            return [Posted("invalid", told(answer))]
        half = len(items) // 2
        return [*self.send(items[:half]), *self.send(items[half:])]

    def post(self, path: str, body: bytes, media_type: str) -> httpx.Response:
        """The answer to one request, which has been taken or is too large.

        Raises:
            CutOff, Refused: as of `send`.
        """
        until = self._now() + PATIENCE_S
        failures = 0
        while True:
            failures += 1
            pause = backoff(failures, _FIRST_WAIT_S, _LONGEST_WAIT_S)
            try:
                answer = self._client.post(path, content=body, headers={"Content-Type": media_type})
            except httpx.TransportError as error:
                reason = f"does not answer: {str(error) or type(error).__name__}"
            else:
                if answer.status_code in _TAKEN or answer.status_code == TOO_LARGE:
                    return answer
                reason = f"answered {answer.status_code}: {told(answer)}"
                if answer.status_code not in _LATER:
                    raise Refused(f"{self._client.base_url} {reason}{_remedy(answer)}")
                pause = max(pause, retry_after(answer, datetime.now(UTC)))
            if self._now() + pause > until or self._given_up.is_set():
                raise CutOff(f"{self._client.base_url} {reason}")
            if failures == 1:
                click.echo(f"{reason}; trying again", err=True)
            self._wait(pause)


def opened(url: str, key: str) -> httpx.Client:
    """A client of the instance there."""
    return httpx.Client(base_url=url, headers={"X-API-Key": key}, timeout=_TIMEOUT)


def greet(client: httpx.Client) -> None:
    """Nobody waits for minutes for a server that is not there at all.

    Raises:
        NotThere: it does not answer.
    """
    for left in reversed(range(_GREETINGS)):
        try:
            client.get("/healthz")
        except (httpx.TransportError, httpx.InvalidURL) as error:
            if not left:
                raise NotThere(
                    f"nothing answers at {client.base_url}; start it with `heedful up`, or say "
                    "where it is with --url"
                ) from error
            time.sleep(_GREET_EVERY_S)
        else:
            return


def told(answer: httpx.Response) -> str:
    """What a problem says; anything else as it came."""
    with suppress(ValueError, KeyError, TypeError):
        return str(answer.json()["detail"])
    return answer.text[:300]


def retry_after(answer: httpx.Response, now: datetime) -> float:
    """Seconds that the server asks to wait, as a number or a date (RFC 9110 §10.2.3), and a little
    more, so that those who were told the same do not come back in step; 0 without such a header."""
    said = answer.headers.get("Retry-After", "")
    if said.isdecimal():
        seconds = float(said)
    else:
        try:
            seconds = (email.utils.parsedate_to_datetime(said) - now).total_seconds()
        except (ValueError, TypeError):
            return 0.0
    return max(0.0, seconds) * random.uniform(1, 1.1)  # noqa: S311  # not for secrets


def _remedy(answer: httpx.Response) -> str:
    remedy = _REMEDIES.get(answer.status_code)
    return f"; {remedy}" if remedy else ""
