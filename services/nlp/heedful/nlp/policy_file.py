"""The policy as it is written: ordered rules, their conditions, and what is wrong with a file."""

from collections.abc import Collection, Iterator
from difflib import get_close_matches
from pathlib import Path
from typing import Final, Literal

from pydantic import Field

from heedful.common.contracts import (
    Channel,
    Colour,
    IntentLabel,
    PerceptionLabel,
    ScoreKind,
    UrgencyLevel,
)
from heedful.common.datafiles import DataError, DataModel, parse_file
from heedful.nlp import urgency
from heedful.nlp.resources import read
from heedful.nlp.urgency import UrgencyFile

FILE: Final = "policy.yaml"
"""The policy that the package ships."""

_SIMILAR: Final = 0.7

Felt = Literal["positive", "negative", "neutral", "mixed", "none"]


class When(DataModel):
    """The conditions of a rule; all must hold, and those not given do."""

    urgency: tuple[UrgencyLevel, ...] = ()
    category: tuple[str, ...] = ()
    sentiment: tuple[Felt, ...] = ()
    confidence: float = Field(default=0, ge=0, le=1)
    intent: tuple[IntentLabel, ...] = ()
    intent_confidence: float = Field(default=0, ge=0, le=1)
    topic: tuple[str, ...] = ()
    churn: bool | None = None
    perception: tuple[PerceptionLabel, ...] = ()
    channel: tuple[Channel, ...] = ()
    customer_tier: tuple[str, ...] = ()
    score_below: float | None = Field(default=None, ge=0, le=1)
    score_above: float | None = Field(default=None, ge=0, le=1)
    unless_score_above: float | None = Field(default=None, ge=0, le=1)
    score_kind: tuple[ScoreKind, ...] = ()


class PolicyRule(DataModel):
    code: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    colour: Colour
    zh: str = Field(min_length=1, max_length=500)
    en: str = Field(min_length=1, max_length=500)
    when: When


class PolicyFile(DataModel):
    version: str = Field(min_length=1, max_length=100)
    rules: tuple[PolicyRule, ...] = Field(min_length=1, max_length=500)


def shipped() -> PolicyFile:
    """The policy that the package ships.

    Raises:
        DataError: the file is missing or wrong.
    """
    return read(FILE, PolicyFile)


def open_policy(path: Path, topics: Collection[str]) -> PolicyFile:
    """A policy of one's own.

    Args:
        path: of its file.
        topics: the codes of those that there are.

    Raises:
        DataError: it cannot be read, or a rule is wrong; the message names file, rule and field,
            and how to mend it.
    """
    file = parse_file(path, PolicyFile)
    faults = list(_strangers(file, topics))
    if faults:
        raise DataError(f"{path}: {'; '.join(faults)}")
    return file


def _strangers(file: PolicyFile, topics: Collection[str]) -> Iterator[str]:
    """Categories and topics that no label can have: a rule that asks for one never fires."""
    known = {
        "category": [rule.code for rule in read(urgency.FILE, UrgencyFile).rules],
        "topic": topics,
    }
    for number, rule in enumerate(file.rules):
        asked = {"category": rule.when.category, "topic": rule.when.topic}
        for name, codes in asked.items():
            for code in codes:
                if code not in known[name]:
                    hint = _nearest(code, known[name])
                    yield f"rules.{number} ({rule.code}).when.{name}: no {name} {code!r}; {hint}"


def _nearest(code: str, known: Collection[str]) -> str:
    near = get_close_matches(code, known, 1, _SIMILAR)
    return f"did you mean {near[0]}?" if near else "GET /v1/labels lists all"
