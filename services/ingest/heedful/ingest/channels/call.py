"""A call, in one part or several: the customer's feedback, and the contact that it was."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from heedful.common.contracts import ActorType, Channel, Direction, InteractionKind, Speaker
from heedful.common.contracts.dialogue import MAX_TURN_CHARS, MAX_TURNS
from heedful.ingest.channels import Draft, Malformed, Taken
from heedful.ingest.channels.notes import note
from heedful.ingest.channels.reading import Node

_IDENTIFIERS = ("customer_id", "phone", "member_card", "external")
_ATTRIBUTES = ("queue", "recording_url", "hold_seconds")
_MAX_ATTRIBUTE = 500
_MAX_SUMMARY = 2000
_SPEAKERS = {speaker.value: speaker for speaker in Speaker}


@dataclass(frozen=True, slots=True)
class Reading:
    """How a call is read.

    Attributes:
        least_confidence: turns of a less sure recogniser are left out of the text.
        notes: the agent's notes are an employee's feedback, beside the contact's summary.
    """

    least_confidence: float = 0.0
    notes: bool = True


def call_items(calls: Sequence[Node], reading: Reading, *, complete: bool) -> list[Draft]:
    """The drafts of one call.

    Args:
        calls: its parts in order. What the call is stands in the last part that says it.

    Raises:
        Malformed: no id, no beginning, or a field of another shape.
    """
    turns = [turn for call in calls for turn in _turns(call)]
    if len(turns) > MAX_TURNS:
        raise Malformed(f"call.segments has more than {MAX_TURNS} turns")
    sure = [turn for turn in turns if turn.get("confidence", 1.0) >= reading.least_confidence]
    said = [turn["text"] for turn in sure if turn["speaker"] == Speaker.CUSTOMER]
    shared = _shared(calls, complete)
    others = [Draft.interaction(**shared, **_contact(calls))]
    if reading.notes and (noted := _noted(calls, shared)) is not None:
        others.append(noted)
    if not said:
        return others
    place = _last(calls, "segments").place
    feedback = Draft.feedback(
        **shared,
        channel=Taken(Channel.CALL.value, "call"),
        text=Taken("\n".join(said), f"{place}[].text"),
        dialogue=Taken(turns, place),
        score=_score(calls),
    )
    return [feedback, *others]


def _shared(calls: Sequence[Node], complete: bool) -> dict[str, Taken | None]:
    """What the feedback and the contact have in common."""
    identity, began = _last(calls, "id"), _last(calls, "started_at")
    conversation = _last(calls, "conversation_id")
    if conversation.missing:
        conversation = identity
    return {
        "id": identity.needed(identity.text()),
        "occurred_at": began.needed(began.iso_time()),
        "conversation_id": conversation.taken(conversation.text()),
        "identifiers": _identifiers(calls),
        "touchpoint": _text(calls, "touchpoint"),
        "department": _text(calls, "department"),
        "attributes": _attributes(calls, complete),
    }


def _contact(calls: Sequence[Node]) -> dict[str, Taken | None]:
    direction, agent = _last(calls, "direction"), _last(calls, "agent", "id")
    named = direction.text()
    if named is not None and named not in (Direction.INBOUND, Direction.OUTBOUND):
        raise Malformed(f"{direction.place} is neither inbound nor outbound")
    seconds = _last(calls, "handle_seconds")
    notes = _last(calls, "notes")
    return {
        "kind": Taken(InteractionKind.CONTACT.value, "call"),
        "channel": Taken(Channel.CALL.value, "call"),
        "direction": direction.taken(named),
        "actor": agent.taken(_actor(agent.text())),
        "duration_s": seconds.taken(seconds.number()),
        "summary": notes.taken(_cut(notes.text(), _MAX_SUMMARY)),
    }


def _noted(calls: Sequence[Node], shared: Mapping[str, Taken | None]) -> Draft | None:
    """The agent's notes as an employee's feedback: what only the agent says aloud is in them."""
    notes, agent = _last(calls, "notes"), _last(calls, "agent", "id")
    words = notes.taken(notes.text())
    if words is None:
        return None
    fields = note(words, None, agent.taken(agent.text()))
    identity = shared["id"]
    if fields is None or identity is None:
        return None
    own = Taken(f"{identity.value}:notes", identity.place)
    return Draft.feedback(**{**shared, "attributes": None, **fields, "id": own})


def _actor(agent: str | None) -> dict[str, Any] | None:
    return None if agent is None else {"type": ActorType.HUMAN.value, "id": agent}


def _turns(call: Node) -> list[dict[str, Any]]:
    found = []
    for segment in call.at("segments").each():
        speaker, text = segment.at("speaker"), segment.at("text").text()
        named = speaker.text() or ""
        if named not in _SPEAKERS:
            raise Malformed(f"{speaker.place} is none of {', '.join(_SPEAKERS)}")
        if text is None:
            continue
        if len(text) > MAX_TURN_CHARS:
            raise Malformed(f"{segment.place}.text has more than {MAX_TURN_CHARS} characters")
        found.append(
            {
                "speaker": named,
                "text": text,
                **_given(start_s=segment.at("start"), end_s=segment.at("end")),
                **_given(confidence=segment.at("confidence")),
            }
        )
    return found


def _given(**numbers: Node) -> dict[str, float]:
    found = {name: node.number() for name, node in numbers.items()}
    return {name: value for name, value in found.items() if value is not None}


def _identifiers(calls: Sequence[Node]) -> Taken | None:
    customer = _last(calls, "customer")
    named = ((name, customer.at(name).text()) for name in _IDENTIFIERS)
    found = [{"type": name, "value": value} for name, value in named if value is not None]
    return customer.taken(found or None)


def _attributes(calls: Sequence[Node], complete: bool) -> Taken:
    found: dict[str, str] = {}
    for name in _ATTRIBUTES:
        value = _last(calls, name).text()
        if value is not None:
            found[name] = _cut(value, _MAX_ATTRIBUTE) or value
    resolved = _last(calls, "resolved").flag()
    if resolved is not None:
        found["resolved"] = str(resolved).lower()
    if not complete:
        found["incomplete"] = "true"
    return Taken(found, "call")


def _score(calls: Sequence[Node]) -> Taken | None:
    score = _last(calls, "score")
    return None if score.missing else score.taken(score.value)


def _text(calls: Sequence[Node], name: str) -> Taken | None:
    node = _last(calls, name)
    return node.taken(node.text())


def _last(calls: Sequence[Node], *path: str) -> Node:
    """The field in the last part that has it."""
    for call in reversed(calls):
        if not (found := call.at(*path)).missing:
            return found
    return calls[-1].at(*path)


def _cut(text: str | None, limit: int) -> str | None:
    if text is None or len(text) <= limit:
        return text
    return text[: limit - 1] + "…"
