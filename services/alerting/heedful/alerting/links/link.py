"""What a link is, and what it is worth at a moment. Pure."""

import base64
import hashlib
import secrets
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final

PATH: Final = "/l/"
SAMPLE: Final = "sample"
"""The token of links that do nothing: those of previews and tests."""
_TOKEN_BYTES: Final = 32


class LinkAction(StrEnum):
    """What a click does; in this order messages show them."""

    CLAIM = "claim"
    ACKNOWLEDGE = "acknowledge"


class Verdict(StrEnum):
    """What there is to say of a token."""

    READY = "ready"
    SAMPLE = "sample"
    UNKNOWN = "unknown"
    USED = "used"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class Wanted:
    """A link for one member, to do one thing to one case, once."""

    tenant: str
    case_id: str
    member_id: str
    action: LinkAction


@dataclass(frozen=True, slots=True)
class Link:
    """A link that was made; `member_name` is what its page calls the member."""

    wanted: Wanted
    member_name: str
    expires_at: datetime
    used_at: datetime | None


@dataclass(frozen=True, slots=True)
class PersonalLink:
    """A link as a message carries it: who may press it is named. Its repr shows no token."""

    member_name: str
    action: LinkAction
    url: str = field(repr=False)


def new_token() -> str:
    """256 random bits: there is nothing to guess, and nothing to read out of it."""
    raw = secrets.token_bytes(_TOKEN_BYTES)
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def digest(token: str) -> bytes:
    """What is stored of a token. A fast hash is enough for one that is random."""
    return hashlib.sha256(token.encode(errors="surrogatepass")).digest()


def judged(link: Link | None, now: datetime) -> Verdict:
    """Used before expired: whoever clicks twice must learn that the first click counted."""
    if link is None:
        return Verdict.UNKNOWN
    if link.used_at is not None:
        return Verdict.USED
    return Verdict.READY if now < link.expires_at else Verdict.EXPIRED
