"""SPDX licence expressions: which licences one must agree to."""

import re
from collections.abc import Callable
from typing import Final

from packaging.licenses import InvalidLicenseExpression, canonicalize_license_expression

_TOKEN: Final = re.compile(r"\(|\)|[^\s()]+")


def refused(expression: str, accepts: Callable[[str], bool]) -> frozenset[str]:
    """The licences of an expression that would have to be accepted and are not; none when it holds.

    Args:
        accepts: whether one licence, with its exception (`X WITH Y`), is fine.

    Raises:
        ValueError: it is no SPDX expression.
    """
    try:
        tokens = _TOKEN.findall(canonicalize_license_expression(expression))
    except InvalidLicenseExpression as error:
        raise ValueError(f"{expression!r} is no SPDX licence expression") from error
    tokens.reverse()
    return _any_of(tokens, accepts)


def _any_of(tokens: list[str], accepts: Callable[[str], bool]) -> frozenset[str]:
    """One acceptable side of an OR is enough."""
    sides = [_all_of(tokens, accepts)]
    while tokens and tokens[-1] == "OR":
        tokens.pop()
        sides.append(_all_of(tokens, accepts))
    return min(sides, key=len)


def _all_of(tokens: list[str], accepts: Callable[[str], bool]) -> frozenset[str]:
    found = _one(tokens, accepts)
    while tokens and tokens[-1] == "AND":
        tokens.pop()
        found |= _one(tokens, accepts)
    return found


def _one(tokens: list[str], accepts: Callable[[str], bool]) -> frozenset[str]:
    token = tokens.pop()
    if token == "(":
        inside = _any_of(tokens, accepts)
        tokens.pop()
        return inside
    if tokens and tokens[-1] == "WITH":
        tokens.pop()
        token = f"{token} WITH {tokens.pop()}"
    return frozenset() if accepts(token) else frozenset({token})
