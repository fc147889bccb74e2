"""What the page of a case shows, from two services."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from heedful.console.cases.evidence import Piece, pieces
from heedful.console.upstream.case import Case, case
from heedful.console.upstream.cases import FeedbackKey
from heedful.console.upstream.errors import NotThere, UpstreamError
from heedful.console.upstream.records import Record, record
from heedful.console.upstream.services import Callers

MOST_WORDS: Final = 10
"""Feedback items of a case whose words are shown; the others are counted."""


@dataclass(frozen=True, slots=True)
class Words:
    """A feedback of the case.

    Attributes:
        record: None: journey does not have it, or could not be asked.
        away: it could not be asked.
    """

    key: FeedbackKey
    record: Record | None
    text: Sequence[Piece] = ()
    away: bool = False


@dataclass(frozen=True, slots=True)
class Read:
    """A case with the words of its customers.

    Attributes:
        customer_id: whose it is; None: of nobody known.
    """

    case: Case
    words: Sequence[Words]
    customer_id: str | None

    @property
    def said(self) -> tuple[datetime, datetime]:
        """When the customer spoke first and last: long before it was received, of an import."""
        times = [one.record.occurred_at for one in self.words if one.record is not None]
        received = self.case.received_at
        return min(times, default=received), max(times, default=received)


async def read(ask: Callers, case_id: str) -> Read:
    """
    Raises:
        UpstreamError: the case could not be had; its words may be missing.
    """
    found = await case(ask.alerting, case_id)
    keys = found.feedback[:MOST_WORDS]
    words = await asyncio.gather(*(_words(ask, key) for key in keys))
    known = (one.record.customer_id for one in words if one.record is not None)
    customer_id = next((one for one in known if one), None) or found.customer_id
    return Read(found, words, customer_id)


async def _words(ask: Callers, key: FeedbackKey) -> Words:
    try:
        found = await record(ask.journey, key.source, key.id)
    except NotThere:
        return Words(key, None)
    except UpstreamError:
        return Words(key, None, away=True)
    return Words(key, found, pieces(found.text, found.evidence()))
