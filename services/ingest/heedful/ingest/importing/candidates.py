"""What each column may become, by its name and its values, before they are weighed together."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from heedful.ingest.importing.names import TEXT_PART, Match, Meaning, channel_of, meaning
from heedful.ingest.importing.profile import CUT, Profile, profile, written
from heedful.ingest.importing.records import Cell

_SURE: Final = {Match.NAME: 0.95, Match.ENDING: 0.8, Match.WITHIN: 0.65}
_WORDY_CHARS: Final = 6
_MOSTLY: Final = 0.8
_NEARLY_ALL: Final = 0.95
_HALF: Final = 0.5
_FEW: Final = 0.3
_SOME: Final = 0.2

IDENTIFIERS: Final = (
    "customer_id",
    "member_card",
    "phone",
    "email",
    "wechat_unionid",
    "wechat_openid",
    "external",
    "device",
)
"""In the order in which they say who it was; the first one decides what stays in order."""

_NUMBERS: Final = (*IDENTIFIERS, "id", "conversation_id", "attributes.order_id")
"""What is often a long number, of which a spreadsheet cuts the end."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """What one column may become.

    Attributes:
        position: of the column, from 0.
        target: None: the column is not taken; `reason` says why.
        sure: from 0 to 1.
        match: how its name fits; None: only its values speak.
        rank: the smaller the better among equal matches.
    """

    position: int
    name: str
    target: str | None
    sure: float
    reason: str
    match: Match | None
    rank: int
    profile: Profile


def candidates(columns: Sequence[str], rows: Sequence[Sequence[Cell]]) -> list[Candidate]:
    """One candidate for each column."""
    found = []
    for position, name in enumerate(columns):
        cells = [row[position] if position < len(row) else None for row in rows]
        found.append(_candidate(position, name, profile(cells)))
    return found


def _candidate(position: int, name: str, seen: Profile) -> Candidate:
    def made(
        target: str | None, sure: float, reason: str, said: Meaning | None = None
    ) -> Candidate:
        match, rank = (said.match, said.rank) if said else (None, 0)
        return Candidate(position, name, target, sure, reason, match, rank, seen)

    said = meaning(name)
    if not seen.filled:
        return made(None, 0.9, "empty in the rows that were looked at", said)
    if said is None:
        return made(*_by_values(seen))
    if said.target is None:
        return made(None, _SURE[said.match], said.reason, said)
    misfit = _misfit(said.target, seen)
    if misfit is not None:
        return made(None, _SURE[said.match], misfit, said)
    target = said.target
    if target == "channel" and not _names_channels(seen):
        return made("attributes.platform", _SURE[said.match], "names where it was said", said)
    if target == "text" and seen.words >= _MOSTLY and seen.length >= _WORDY_CHARS:
        sure = min(0.99, _SURE[said.match] + 0.1)
        return made(target, sure, f"called so; {seen.length:.0f} characters on average", said)
    if target == "score" and said.match is Match.WITHIN:
        return made(target, _SURE[said.match] + 0.15, "asked for, and its values are numbers", said)
    return made(target, _SURE[said.match], _called(said), said)


def _called(said: Meaning) -> str:
    return "its question asks for it" if said.match is Match.WITHIN else "called so"


def _by_values(seen: Profile) -> tuple[str | None, float, str]:
    if seen.emails >= _MOSTLY:
        return "email", 0.8, "its values are addresses of mail"
    if seen.phones >= _MOSTLY:
        return "phone", 0.8, "its values are phone numbers"
    return None, 0.5, "its name says nothing"


def _misfit(target: str, seen: Profile) -> str | None:
    """Why the values do not fit the name."""
    if target in ("text", TEXT_PART):
        return "its values are numbers or codes, no words" if seen.words < _FEW else None
    if target == "occurred_at":
        fits = max(seen.times, seen.clocks) >= _HALF
        return None if fits else "called like a time, but its values are none that are known here"
    if target == "score":
        return None if seen.numbers >= _HALF else "called like a score, but its values are none"
    if target in IDENTIFIERS and seen.masked >= _NEARLY_ALL:
        return "masked with stars, so many customers would look like one"
    if target == "phone" and seen.phones < _HALF:
        return "called like a phone, but its values are no phone numbers"
    if target == "email" and seen.emails + seen.masked < _HALF:
        return "called like a mail address, but its values are none"
    if (
        target in (*IDENTIFIERS, "id", "conversation_id", "attributes.order_id")
        and seen.lost > _SOME
    ):
        return CUT
    return _not_an_id(seen) if target == "id" else None


def _not_an_id(seen: Profile) -> str | None:
    if seen.distinct < 1:
        return "its values repeat, so they name no row"
    return "most rows have none" if seen.filled < _HALF * len(seen.cells) else None


def _names_channels(seen: Profile) -> bool:
    known = [channel_of(written(cell)) for cell in seen.cells if cell is not None]
    return bool(known) and sum(one is not None for one in known) >= _MOSTLY * len(known)
