"""From a frozen notice to the message of an endpoint. Pure.

A delivery keeps what happened, not how it is told: a template that is mended mends what waits.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import orjson

from heedful.alerting.endpoint_kinds import Language
from heedful.alerting.formats.base import Action, Button, Format, Message, Severity
from heedful.alerting.formats.standard import Standard
from heedful.alerting.formats.wording import plain
from heedful.alerting.links.labels import LABELS as LABELS_OF_LINKS
from heedful.alerting.links.link import PersonalLink
from heedful.alerting.recipients import Mention
from heedful.alerting.templates.builtin import BUILTIN, DIGEST, LABELS, LINK_LABEL, Templates
from heedful.alerting.templates.engine import TemplateRefused, render
from heedful.alerting.webhook import OF_ISSUES, EventType

_ACTIONS = {
    EventType.ACKNOWLEDGED: Action.ACKNOWLEDGE,
    EventType.CLOSED: Action.RESOLVE,
    EventType.ISSUE_CLOSED: Action.RESOLVE,
}
_FRESH = (
    EventType.OPENED,
    EventType.REOPENED,
    EventType.RAISED,
    EventType.SIGNALLED,
    EventType.TEST,
)
"""About no clock: they tell when somebody has to respond."""
_PLAIN = Standard()
_NAME_CHARACTERS = 40
# Told in heedful's words alone: a tenant's templates are about cases.
_OWN_WORDS = frozenset({EventType.FAILING, EventType.DISABLED, EventType.REPORT, *OF_ISSUES})


@dataclass(frozen=True, slots=True)
class Told:
    """A notice as it was frozen.

    Attributes:
        forwarded: another endpoint did not take it.
    """

    id: str
    body: bytes
    mentions: tuple[Mention, ...] = ()
    forwarded: bool = False
    type: EventType = field(init=False)
    at: datetime = field(init=False)
    data: Mapping[str, Any] = field(init=False)

    def __post_init__(self) -> None:
        found = orjson.loads(self.body)
        object.__setattr__(self, "type", EventType(found["type"]))
        object.__setattr__(self, "at", datetime.fromisoformat(found["timestamp"]))
        object.__setattr__(self, "data", found["data"])

    @property
    def subject(self) -> str:
        """Id of the case or the issue that it is about; empty when it is about neither."""
        return str(self.data.get("case_id") or self.data.get("issue_id") or "")


@dataclass(frozen=True, slots=True)
class Style:
    """How an endpoint wants to be told.

    Attributes:
        own: the tenant's templates; None: those of heedful.
    """

    language: Language
    zone: str
    own: Templates | None = None


def compose(
    told: Told, form: Format, style: Style, links: Sequence[PersonalLink] = ()
) -> tuple[Message, str | None]:
    """The message, and why the tenant's template was not used, if it was not.

    A notice is never lost to a template: one that fails gives way to heedful's.

    Args:
        links: by which members act.
    """
    title, text, wrong = _worded(told, form, style) if form.templated else ("", "", None)
    message = Message(
        id=told.id,
        body=told.body,
        subject=told.subject or told.id,
        title=title,
        text=text,
        url=str(told.data.get("url", "")),
        at=told.at,
        action=_ACTIONS.get(told.type, Action.TRIGGER),
        severity=_severity(told),
        link_label=LINK_LABEL[style.language],
        mentions=told.mentions,
        buttons=tuple(_button(one, style.language) for one in links),
    )
    return message, wrong


def _button(link: PersonalLink, language: Language) -> Button:
    """Named, so that nobody presses another's by mistake."""
    name, action = plain(link.member_name)[:_NAME_CHARACTERS], LABELS_OF_LINKS[language]
    form = "{}（{}）" if language is Language.ZH else "{} ({})"
    return Button(form.format(action[link.action], name), link.url)


def _worded(told: Told, form: Format, style: Style) -> tuple[str, str, str | None]:
    values, wrong = _values(told, style), None
    if style.own is not None and told.type not in _OWN_WORDS:
        try:
            return *_rendered(style.own, form, values), None
        except TemplateRefused as error:
            wrong = str(error)
    return *_rendered(BUILTIN[style.language][told.type], form, values), wrong


def try_out(own: Templates, told: Told, form: Format, style: Style) -> None:
    """Render a tenant's templates.

    Raises:
        TemplateRefused: they cannot be.
    """
    _rendered(own, form, _values(told, style))


def compose_digest(id_: str, notices: Sequence[Told], form: Format, style: Style) -> Message:
    """One message that lists notices in their order."""
    labels = LABELS[style.language]
    listed = [
        {
            "title": _headline(one, labels),
            "url": str(one.data.get("url", "")),
            "case_id": one.subject,
        }
        for one in notices
    ]
    urgent = any(is_urgent(one) for one in notices)
    values = {"notices": listed, "count": len(listed), "urgent": urgent}
    title, text = _rendered(DIGEST[style.language], form, values)
    called = {mention.member_id: mention for one in notices for mention in one.mentions}
    return Message(
        id=id_,
        body=b"{}",
        subject=id_,
        title=title,
        text=text,
        url="",
        at=max(one.at for one in notices),
        severity=Severity.CRITICAL if urgent else Severity.WARNING,
        link_label=LINK_LABEL[style.language],
        mentions=tuple(called.values()),
    )


def is_urgent(told: Told) -> bool:
    """Whether it is about a red light and asks somebody to act."""
    return told.data.get("colour") == "red" and told.type not in _ACTIONS


def _rendered(source: Templates, form: Format, values: Mapping[str, Any]) -> tuple[str, str]:
    # A title is plain text in every format, which escapes it where it must.
    title = render(source.title, _PLAIN, values)
    return " ".join(title.split()), render(source.text, form, values).strip("\n")


def _headline(told: Told, labels: Mapping[str, str]) -> str:
    data = told.data
    parts = [data.get("colour"), told.type.value, data.get("clock"), *_named(data)]
    return " ".join(labels.get(part, part) for part in parts if part)


def _severity(told: Told) -> Severity:
    if told.type in (EventType.TEST, EventType.REPORT):
        return Severity.INFO
    if told.data.get("colour") == "red":
        return Severity.CRITICAL
    return Severity.ERROR if told.type is EventType.BREACHED else Severity.WARNING


def _values(told: Told, style: Style) -> dict[str, Any]:
    """What a template can name; docs/endpoints.md lists it."""
    data, labels, zone = told.data, LABELS[style.language], ZoneInfo(style.zone)
    feedback = data.get("feedback") or {}
    deadlines = {
        metric: _local(at, zone) for metric, at in (data.get("deadlines") or {}).items() if at
    }
    written = (data.get("told") or {}).get(style.language, {})
    clock = data.get("clock")
    due = clock or ("respond" if told.type in _FRESH else None)
    return {
        **{name: data.get(name) or "" for name in _TEXTS},
        "sequence": data.get("sequence") or 0,
        "cycle": data.get("cycle") or 1,
        "type": told.type.value,
        "type_label": labels.get(told.type.value, told.type.value),
        "colour_label": _label(labels, data.get("colour")),
        "state_label": _label(labels, data.get("state")),
        "clock": clock or "",
        "clock_label": _label(labels, due),
        "due": deadlines.get(due, "") if due else "",
        "deadlines": deadlines,
        "at": _local(told.at.isoformat(), zone),
        "received_at": _local(data.get("received_at"), zone),
        "since": _local(data.get("since"), zone),
        "source": feedback.get("source", ""),
        "feedback_id": feedback.get("id", ""),
        "channel": feedback.get("channel", ""),
        "reasons": [one.get(f"label_{style.language}", "") for one in data.get("reasons") or ()],
        "reason_codes": [one.get("code", "") for one in data.get("reasons") or ()],
        "names": [mention.name for mention in told.mentions],
        "forwarded": told.forwarded,
        **_of_signal(data.get("signal") or {}, style.language),
        "heading": written.get("title", ""),
        "lines": written.get("lines", []),
        **_of_issue(data, labels),
    }


def _of_signal(signal: Mapping[str, Any], language: Language) -> dict[str, Any]:
    """The signal of journey that gave rise to the notice; empty in others."""
    sure = signal.get("confidence")
    return {
        "signal": signal.get("kind", ""),
        "signal_label": signal.get(f"label_{language}", ""),
        "signal_why": signal.get(f"summary_{language}", ""),
        "signal_sure": "" if sure is None else f"{sure:.0%}",
    }


def _of_issue(data: Mapping[str, Any], labels: Mapping[str, str]) -> dict[str, Any]:
    """What only notices of issues have; empty in others."""
    cases = data.get("cases") or {}
    children = [
        {
            "title": _joined(labels, one.get("colour"), one.get("type"), one.get("clock")),
            "url": one.get("url", ""),
            "case_id": one.get("case_id", ""),
        }
        for one in data.get("children") or ()
    ]
    news = [
        {"label": _joined(labels, one.get("colour"), one.get("type")), "n": one.get("n", 0)}
        for one in data.get("news") or ()
    ]
    return {
        "about": " · ".join(_named(data)),
        "cases": cases.get("all", 0),
        "unsettled": cases.get("unsettled", 0),
        "red": cases.get("red", 0),
        "news": news,
        "children": children,
        "more": data.get("more") or 0,
    }


def _named(data: Mapping[str, Any]) -> list[str]:
    """What an issue is about."""
    title = data.get("title") if "issue_id" in data else None
    names = [title, *(data.get(name) for name in ("topic", "touchpoint", "region"))]
    return [name for name in names if name]


def _joined(labels: Mapping[str, str], *keys: str | None) -> str:
    return " ".join(labels.get(key, key) for key in keys if key)


_TEXTS = (
    "case_id",
    "issue_id",
    "tenant",
    "colour",
    "state",
    "step",
    "url",
    "endpoint",
    "reason",
    "text",
)


def _label(labels: Mapping[str, str], key: str | None) -> str:
    return labels.get(key, key) if key else ""


def _local(at: str | None, zone: ZoneInfo) -> str:
    if not at:
        return ""
    local = datetime.fromisoformat(at).astimezone(zone)
    return f"{local:%Y-%m-%d %H:%M} {local:%z}"[:-2] + ":" + f"{local:%z}"[-2:]
