"""An item as it may reach a topic: personal data out of its words, identifiers as the tenant wants
them. Pure."""

import hmac
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Final

from heedful.common.contracts import (
    Dialogue,
    Identifiers,
    Redaction,
    RedactionMode,
    Replacement,
)
from heedful.common.contracts.redaction import MAX_REPLACEMENTS
from heedful.common.identifiers import hashed, normalised
from heedful.ingest.models import Posted, PostedFeedback
from heedful.ingest.privacy import IdentifierForm, Privacy
from heedful.ingest.redaction import (
    VERSION,
    Kind,
    Mode,
    Placeholder,
    Redacted,
    placeholder,
    redact,
    redact_whole,
)

# Attributes whose name says what their value is, whatever it looks like.
_NAMED: Final[Mapping[str, Kind]] = {
    **dict.fromkeys(
        ("phone", "mobile", "tel", "telephone", "contact_phone", "customer_phone"), Kind.PHONE
    ),
    **dict.fromkeys(("email", "mail", "customer_email", "contact_email"), Kind.EMAIL),
    **dict.fromkeys(("id_card", "id_number", "identity_card"), Kind.ID_CARD),
    **dict.fromkeys(("bank_card", "card_number"), Kind.BANK_CARD),
    **dict.fromkeys(("plate", "plate_number", "license_plate", "licence_plate"), Kind.PLATE),
    **dict.fromkeys(("vin",), Kind.VIN),
    **dict.fromkeys(("passport", "passport_number"), Kind.PASSPORT),
    **dict.fromkeys(("wechat", "wechat_id"), Kind.WECHAT),
    **dict.fromkeys(("qq", "qq_number"), Kind.QQ),
    **dict.fromkeys(
        ("customer_name", "contact_name", "real_name", "full_name", "consignee"), Kind.NAME
    ),
    **dict.fromkeys(
        ("address", "home_address", "delivery_address", "shipping_address", "customer_address"),
        Kind.ADDRESS,
    ),
}


_NOTHING: Final[Mapping[Mode, Redaction]] = {
    mode: Redaction(mode=RedactionMode(mode.value), version=VERSION) for mode in Mode
}
"""Of an item in which nothing was found, as in most."""

_MAX_TENANTS = 1024


@dataclass(frozen=True, slots=True)
class SafeItem:
    """An item and what was taken out of it."""

    posted: Posted
    redaction: Redaction


class ItemRedactor:
    """Makes items safe.

    Args:
        words_secret: of the tokens in words, where a tenant wants hashes.
        identifiers_secret: of hashed identifiers; all services share it.
        region: country of phone numbers without a country code.
    """

    def __init__(self, words_secret: bytes, identifiers_secret: bytes, region: str) -> None:
        self._words_key = lru_cache(_MAX_TENANTS)(partial(_words_key, words_secret))
        self._identifiers_secret = identifiers_secret
        self._region = region

    def redact(self, tenant: str, posted: Posted, privacy: Privacy) -> SafeItem:
        """Take personal data out of the item's words, attributes, touchpoint and department."""
        work = _Work(placeholder(privacy.redaction, self._words_key(tenant), _words(posted)))
        if isinstance(posted, PostedFeedback):
            said = work.redacted(posted.text)
            changes: dict[str, object] = {
                "text": said.text,
                "dialogue": work.dialogue(posted.dialogue),
            }
        else:
            said = work.redacted(posted.summary or "")
            changes = {"summary": said.text if posted.summary is not None else None}
        identifiers = self._identifiers(tenant, posted.identifiers, privacy)
        changes |= {
            "attributes": work.attributes(posted.attributes),
            "touchpoint": work.optional(posted.touchpoint),
            "department": work.optional(posted.department),
            "identifiers": identifiers,
        }
        if not work.counts and identifiers is posted.identifiers:
            return SafeItem(posted, _NOTHING[privacy.redaction])
        return SafeItem(
            posted.model_copy(update=changes), _described(privacy, said.spans, work.counts)
        )

    def _identifiers(self, tenant: str, given: Identifiers, privacy: Privacy) -> Identifiers:
        """Hashed ones; without those that name nobody, which must not all become one person."""
        if privacy.identifiers is IdentifierForm.PLAIN:
            return given
        values = [(one, normalised(one.type, one.value, self._region)) for one in given]
        return tuple(
            one.model_copy(
                update={"value": hashed(self._identifiers_secret, tenant, one.type, value)}
            )
            for one, value in values
            if value
        )


class _Work:
    """One item under way: its placeholders and what they stand for so far."""

    def __init__(self, written: Placeholder) -> None:
        self._written = written
        self.counts: Counter[Kind] = Counter()

    def redacted(self, words: str) -> Redacted:
        return self._counted(redact(words, self._written))

    def optional(self, words: str | None) -> str | None:
        return None if words is None else self.redacted(words).text

    def dialogue(self, turns: Dialogue | None) -> Dialogue | None:
        if turns is None:
            return None
        return tuple(
            turn.model_copy(update={"text": self.redacted(turn.text).text}) for turn in turns
        )

    def attributes(self, given: Mapping[str, str]) -> dict[str, str]:
        return {name: self._attribute(_NAMED.get(name), value) for name, value in given.items()}

    def _attribute(self, kind: Kind | None, value: str) -> str:
        if kind is None:
            return self.redacted(value).text
        return self._counted(redact_whole(kind, value, self._written)).text

    def _counted(self, found: Redacted) -> Redacted:
        if found.spans:
            self.counts += found.counts
        return found


def _words_key(secret: bytes, tenant: str) -> bytes:
    return hmac.digest(secret, tenant.encode(), "sha256")


def _words(posted: Posted) -> str:
    return posted.text if isinstance(posted, PostedFeedback) else posted.summary or ""


def _described(
    privacy: Privacy, spans: tuple[Replacement, ...], counts: Counter[Kind]
) -> Redaction:
    return Redaction(
        mode=RedactionMode(privacy.redaction.value),
        version=VERSION,
        counts={kind.value: count for kind, count in sorted(counts.items())},
        offsets=spans if len(spans) <= MAX_REPLACEMENTS else (),
    )
