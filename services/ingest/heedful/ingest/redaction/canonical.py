"""One spelling of a value, so that the same person's number has the same token. Pure."""

import re

from heedful.ingest.redaction.kinds import Kind
from heedful.ingest.redaction.recognisers.spoken import digits_of

_COUNTRY = re.compile(r"(?:(?:00)?86|0)(?=1[3-9][0-9]{9}$)")
_NOT_ALPHANUMERIC = re.compile(r"[^0-9A-Z\u4e00-\u9fff]")
_SAID = ((re.compile(r"\s"), ""), (re.compile(r"艾特|圈a|\(at\)|\[at\]"), "@"),
         (re.compile(r"点|\(dot\)|\[dot\]"), "."))  # fmt: skip


def canonical(kind: Kind, value: str) -> str:
    """The value without what only its writing adds.

    Args:
        value: in normal form.
    """
    if kind is Kind.PHONE:
        return _COUNTRY.sub("", digits_of(value))
    if kind in (Kind.ID_CARD, Kind.BANK_CARD):
        return digits_of(value.upper())
    if kind is Kind.EMAIL:
        address = value.lower()
        for pattern, written in _SAID:
            address = pattern.sub(written, address)
        return address
    if kind in (Kind.NAME, Kind.WECHAT, Kind.QQ):
        return value.lower()
    return _NOT_ALPHANUMERIC.sub("", value.upper())
