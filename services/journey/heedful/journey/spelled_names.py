"""Names of people in the attributes of events, in one spelling. Pure."""

import re
import unicodedata
from typing import Final

NAME_KEYS: Final = ("customer_name", "contact_name", "name", "nickname")
"""Attributes in which sources give them."""

_HIDDEN = re.compile(r"[*•●×]|<[a-z_]+(?:_[0-9]+)?>")
_MIN_CHARS = 2


def spelled(name: str) -> frozenset[str]:
    """The name in one spelling; nothing where it is masked, redacted without a hash, or one sign.

    A title (先生, 女士, Mr., …) is not part of it; a family name alone names nobody.
    """
    plain = unicodedata.normalize("NFKC", name).casefold()
    if _HIDDEN.search(plain):
        return frozenset()
    bare = re.sub(
        r"[\s·.\-]+", "", re.sub(r"^(?:mrs?|ms|dr)\b\.?|(?:先生|女士|小姐|太太)$", "", plain)
    )
    return frozenset([bare]) if len(bare) >= _MIN_CHARS else frozenset()
