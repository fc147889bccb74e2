"""One response of a survey as an adapter reads it: who answered what. Pure."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone

from heedful.common.contracts import IdentifierType
from heedful.ingest.channels import Malformed, Taken
from heedful.ingest.channels.reading import Node
from heedful.ingest.channels.survey_options import AnswerKind, Scale

_BEIJING = timezone(timedelta(hours=8))
_LOCAL_TIME = "%Y-%m-%d %H:%M:%S"
_LOOKS = (
    (AnswerKind.PHONE, re.compile(r"(?:\+?86[ -]?)?1[3-9]\d{9}")),
    (AnswerKind.EMAIL, re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")),
    (AnswerKind.NUMBER, re.compile(r"[+-]?\d{1,9}(?:\.\d{1,9})?")),
    (AnswerKind.PRIVATE, re.compile(r"\d{10,}[Xx]?")),
    (AnswerKind.OTHER, re.compile(r"https?://\S+|\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d)?.*)?")),
)


@dataclass(frozen=True, slots=True)
class SurveyAnswer:
    """The answer to one question.

    Attributes:
        names: those by which options may speak of the question; the first one is shown.
        kind: as the vendor says, or as it looks.
        given: what was written, chosen (one by one), or the number, as the vendor gives it.
        typed: what was written beside a choice.
        scale: of a number, as the vendor says.
    """

    names: tuple[str, ...]
    kind: AnswerKind
    given: tuple[str, ...]
    place: str
    wording: str | None = None
    typed: str | None = None
    scale: Scale | None = None

    @property
    def words(self) -> str | None:
        """What the customer wrote."""
        written = self.given if self.kind is AnswerKind.TEXT else ()
        return "\n".join(filter(None, (*written, self.typed))) or None


Identity = tuple[IdentifierType, Taken]


@dataclass(frozen=True, slots=True)
class SurveyResponse:
    """All that one customer answered in one go.

    Attributes:
        survey: the survey's name.
        hidden: fields that nobody was asked for: what the link or the site gave along.
        known: who it was, as the vendor knows it; best first.
        partial: the customer may not have finished.
        editable: the vendor sends it again when it is changed, under the same id; what differs
            gets another one.
        place: where the answers stand.
        raw: all that was sent, for quarantine.
    """

    id: Taken
    answers: Sequence[SurveyAnswer]
    place: str
    raw: bytes
    survey_id: str | None = None
    survey: str | None = None
    occurred_at: Taken | None = None
    language: Taken | None = None
    hidden: Mapping[str, Taken] = field(default_factory=dict)
    known: Sequence[Identity] = ()
    partial: bool = False
    editable: bool = False


def looks_like(value: str) -> AnswerKind:
    """What an answer is, where the vendor does not say; most are words.

    Ten digits and more are somebody's number, not an amount.
    """
    return next((kind for kind, form in _LOOKS if form.fullmatch(value)), AnswerKind.TEXT)


def several(members: Node) -> tuple[AnswerKind, tuple[str, ...]]:
    """A list of texts, where the vendor does not say what it is: choices, links of files, or the
    parts of somebody's address.

    Raises:
        Malformed: it is something else.
    """
    given = tuple(filter(None, (one.text() for one in members.each())))
    looks = {looks_like(one) for one in given}
    if looks & {AnswerKind.PHONE, AnswerKind.EMAIL, AnswerKind.PRIVATE}:
        return AnswerKind.PRIVATE, given
    return (AnswerKind.CHOICE if looks - {AnswerKind.OTHER} else AnswerKind.OTHER), given


def beijing_time(node: Node) -> Taken | None:
    """A time as `2020-02-09 11:58:39`, which Chinese tools give without its offset.

    Raises:
        Malformed: it is something else.
    """
    written = node.text()
    if written is None:
        return None
    try:
        found = datetime.strptime(written, _LOCAL_TIME).replace(tzinfo=_BEIJING)
    except ValueError as error:
        raise Malformed(f"{node.place} is not a time as 2020-02-09 11:58:39") from error
    return node.taken(found)


def named_texts(nodes: Mapping[str, Node]) -> dict[str, Taken]:
    """Those that hold a text or a number; hidden fields hold nothing else that is of use."""
    found = {
        name: one.taken(one.text())
        for name, one in nodes.items()
        if not isinstance(one.value, bool | list | dict)
    }
    return {name: taken for name, taken in found.items() if taken is not None}
