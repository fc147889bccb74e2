"""A text without the personal data that the rules find, and where it stood. Pure."""

from collections import Counter
from dataclasses import dataclass

from heedful.common import replacements
from heedful.common.contracts import Replacement
from heedful.common.replacements import Place
from heedful.ingest.redaction.finding import Found, find
from heedful.ingest.redaction.kinds import Kind
from heedful.ingest.redaction.normal import TAKEN, normal_form
from heedful.ingest.redaction.placeholders import Placeholder

VERSION = "1"
"""Of the rules; grows when they find more or less."""


@dataclass(frozen=True, slots=True)
class Redacted:
    """A text as it may be published.

    Attributes:
        spans: what was replaced, in order; places in the original and in `text`.
    """

    text: str
    spans: tuple[Replacement, ...] = ()

    @property
    def counts(self) -> Counter[Kind]:
        return Counter(Kind(one.type) for one in self.spans)

    def in_text(self, start: int, end: int) -> Place:
        """Where `original[start:end]` stands in the text; inside of a value: all of its
        placeholder."""
        return replacements.in_text(self.spans, start, end)

    def in_original(self, start: int, end: int) -> Place:
        """Where `text[start:end]` stood in the original."""
        return replacements.in_original(self.spans, start, end)


def redact_whole(kind: Kind, text: str, written: Placeholder) -> Redacted:
    """A placeholder for all of a text that is known to be of this kind; blank ones and
    placeholders stay."""
    value = normal_form(text)
    if not value.strip(f" {TAKEN}"):
        return Redacted(text)
    stands = written(Found(0, len(text), kind, value))
    span = Replacement(type=kind.value, start=0, end=len(text), at=0, until=len(stands))
    return Redacted(stands, (span,))


def redact(text: str, written: Placeholder) -> Redacted:
    """The text with a placeholder for everything that the rules find."""
    found = find(text)
    if not found:
        return Redacted(text)
    parts: list[str] = []
    spans: list[Replacement] = []
    done = at = 0
    for one in found:
        kept, stands = text[done : one.start], written(one)
        parts += (kept, stands)
        at += len(kept)
        spans.append(
            Replacement(
                type=one.kind.value, start=one.start, end=one.end, at=at, until=at + len(stands)
            )
        )
        at += len(stands)
        done = one.end
    return Redacted("".join((*parts, text[done:])), tuple(spans))
