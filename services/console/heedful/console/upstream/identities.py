"""Who is who: identifiers, what rules did with them, and what people decided."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from heedful.console.upstream.caller import Caller
from heedful.console.upstream.paths import part
from heedful.console.upstream.reading import Read

_PAGE = 10


class Identity(Read):
    """An identifier of a customer.

    Attributes:
        source: of external ones: whose it is.
        shared: several people use it, so it says nothing about who somebody is.
    """

    type: str
    value: str
    source: str | None
    shared: bool
    first_seen: datetime | None = None


class Move(Read):
    """What a rule did: a merge, or a split."""

    kind: str
    from_id: str
    into_id: str
    at: datetime
    reason: str


class Actor(Read):
    id: str


class Revocation(Read):
    at: datetime
    actor: Actor
    reason: str | None


class Side(Read):
    customers: list[str]
    identifiers: list[Identity]


class Decision(Read):
    """Of a person: merge, unmerge or keep_apart."""

    id: str
    kind: str
    at: datetime
    actor: Actor
    reason: str | None
    evidence: str | None
    in_force: bool
    revoked: Revocation | None
    left: Side
    right: Side


class Identities(Read):
    id: str
    merged_from: list[str]
    identifiers: list[Identity]
    merges: list[Move]
    decisions: list[Decision]


class Why(Read):
    label_zh: str
    label_en: str
    speaks_for: bool


class Suggestion(Read):
    """Two customers that may be one person."""

    customers: list[str]
    score: float
    reasons: list[Why]


class SuggestionPage(Read):
    items: list[Suggestion]
    next_cursor: str | None


async def identities(journey: Caller, customer_id: str) -> Identities:
    """
    Raises:
        UpstreamError: they could not be had.
    """
    return await journey.get(Identities, f"/v1/customers/{part(customer_id)}/identities")


async def suggestions(journey: Caller, cursor: str | None) -> SuggestionPage:
    """A page of pairs to look at.

    Raises:
        UpstreamError: they could not be had.
    """
    query = {"cursor": cursor, "limit": _PAGE}
    return await journey.get(SuggestionPage, "/v1/identities/suggestions", query)


async def merge(
    journey: Caller, customer_id: str, other: str, said: Mapping[str, str], *, two_ids: bool
) -> Decision:
    """Both are one person.

    Args:
        said: `reason`, and `evidence` where somebody wrote it.
        two_ids: also when each of them has a customer id.

    Raises:
        UpstreamError: it was not done.
    """
    body = {"other": other, "two_customer_ids": two_ids, **said}
    return await journey.post(Decision, f"/v1/customers/{part(customer_id)}/merge", body)


async def keep_apart(
    journey: Caller, customer_id: str, other: str, said: Mapping[str, str]
) -> Decision:
    """They are two people.

    Raises:
        UpstreamError: it was not done.
    """
    body = {"other": other, **said}
    return await journey.post(Decision, f"/v1/customers/{part(customer_id)}/keep-apart", body)


async def unmerge(
    journey: Caller, customer_id: str, parted: Sequence[Identity], said: Mapping[str, str]
) -> Decision:
    """These identifiers are somebody else's.

    Raises:
        UpstreamError: it was not done.
    """
    named = [{"type": one.type, "value": one.value, "source": one.source} for one in parted]
    body = {"identifiers": named, **said}
    return await journey.post(Decision, f"/v1/customers/{part(customer_id)}/unmerge", body)


async def revoke(journey: Caller, decision_id: str, reason: str) -> Decision:
    """Everything is as if it had not been decided.

    Raises:
        UpstreamError: it was not done.
    """
    path = f"/v1/identities/decisions/{part(decision_id)}/revoke"
    return await journey.post(Decision, path, {"reason": reason})
