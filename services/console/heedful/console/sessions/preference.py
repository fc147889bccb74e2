"""What a person prefers."""

from dataclasses import dataclass
from enum import StrEnum


class Language(StrEnum):
    ZH = "zh"
    EN = "en"


_TAGS = frozenset(one.value for one in Language)


class Theme(StrEnum):
    AUTO = "auto"
    LIGHT = "light"
    DARK = "dark"


@dataclass(frozen=True, slots=True)
class Preference:
    language: Language
    theme: Theme = Theme.AUTO


def accepted(header: str | None) -> Language:
    """The language that a browser asks for (RFC 9110 §12.5.4); Chinese where it asks for neither.

    Quality values beyond the order are ignored: browsers write the best first.
    """
    for one in (header or "").lower().split(","):
        tag = one.split(";")[0].strip().split("-")[0]
        if tag in _TAGS:
            return Language(tag)
    return Language.ZH
