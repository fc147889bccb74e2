"""What every channel adapter is held to, whatever its vendor.

An adapter's folder here has its fixtures, in the exact shape that the vendor's page shows (the
page is named in the test file), and for each the items that must come out of it
(`<name>.expected.json`: kind, and each field's value and place).
"""

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import strategies as st
from pydantic import ValidationError

from heedful.ingest.channels import ChannelRequest, Draft, Failed, Kind, Malformed, Unverified
from heedful.ingest.channels.registry import AnyAdapter
from heedful.ingest.models import PostedFeedback, PostedInteraction

NOW = datetime(2026, 11, 24, 8, 15, tzinfo=UTC)
MODELS: Mapping[Kind, type[PostedFeedback] | type[PostedInteraction]] = {
    Kind.FEEDBACK: PostedFeedback,
    Kind.INTERACTION: PostedInteraction,
}


@dataclass(frozen=True)
class Case:
    """One request of a vendor, proven by these secrets."""

    adapter: AnyAdapter
    request: ChannelRequest
    secrets: Any
    options: Any

    def items(self) -> Sequence[Draft | Failed]:
        """What ingest reads from it."""
        return self.adapter.parse(self.opened(), self.options).items

    def opened(self) -> ChannelRequest:
        return self.adapter.verify(self.request, self.secrets)

    def with_body(self, body: bytes) -> "Case":
        return dataclasses.replace(self, request=dataclasses.replace(self.request, body=body))

    def received(self, at: datetime) -> "Case":
        return dataclasses.replace(self, request=dataclasses.replace(self.request, received_at=at))


def request(
    body: bytes = b"",
    *,
    method: str = "POST",
    query: Mapping[str, str] | None = None,
    headers: Mapping[str, str] | None = None,
    received_at: datetime = NOW,
) -> ChannelRequest:
    return ChannelRequest(
        method=method,
        query=query or {},
        headers={name.lower(): value for name, value in (headers or {}).items()},
        body=body,
        received_at=received_at,
    )


def expect(folder: Path, name: str, items: Sequence[Draft | Failed]) -> None:
    """The items are those of `<name>.expected.json`, and ingest's own models take each."""
    shown = [
        {
            "kind": item.kind.value,
            "fields": {
                field: {"value": _plain(taken.value), "place": taken.place}
                for field, taken in item.fields.items()
            },
        }
        if isinstance(item, Draft)
        else {"failed": item.detail}
        for item in items
    ]
    wanted = orjson.loads((folder / f"{name}.expected.json").read_bytes())
    assert shown == wanted, orjson.dumps(shown, option=orjson.OPT_INDENT_2).decode()
    for item in items:
        if isinstance(item, Draft):
            MODELS[item.kind].model_validate(item.values)


def is_refused(case: Case) -> None:
    """Neither proven nor read."""
    with pytest.raises((Unverified, Malformed)):
        case.items()


def refuses_other_secrets(case: Case, others: Any) -> None:
    with pytest.raises(Unverified):
        dataclasses.replace(case, secrets=others).opened()


def refuses_changed_bodies(case: Case) -> None:
    """For a proof that covers the body: cut, longer, re-ordered or altered, it is refused."""
    body = case.request.body
    half = len(body) // 2
    for changed in (
        body[:-1],
        body[:half],
        b"",
        body + b" ",
        body[half:] + body[:half],
        bytes([body[0] ^ 1]) + body[1:],
    ):
        is_refused(case.with_body(changed))


def refuses_replays(case: Case, after: timedelta) -> None:
    """For a proof that carries a time: long after, and long before, it is refused."""
    for moment in (case.request.received_at + after, case.request.received_at - after):
        with pytest.raises(Unverified):
            case.received(moment).opened()


def reads_or_refuses(adapter: AnyAdapter, given: ChannelRequest, options: Any) -> None:
    """Whatever the bytes, `parse` gives items that are judged one by one, or its own error."""
    try:
        parsed = adapter.parse(given, options)
    except Malformed:
        return
    are_read(parsed.items)


def are_read(items: Sequence[Draft | Failed]) -> None:
    """Each can be judged by itself."""
    for item in items:
        if isinstance(item, Draft):
            assert all(len(taken.place) <= 200 for taken in item.fields.values())
            try:
                MODELS[item.kind].model_validate(item.values)
            except ValidationError:
                # Quarantined by ingest with what is wrong.
                continue
        else:
            assert item.detail


def mutations(document: Any) -> st.SearchStrategy[Any]:
    """A vendor's JSON document with a part of it, at any depth, replaced or gone."""
    junk = st.one_of(
        st.none(),
        st.booleans(),
        st.integers(min_value=-(2**63), max_value=2**63 - 1),
        st.floats(allow_nan=False, allow_infinity=False),
        st.text(st.characters(codec="utf-8"), max_size=20),
        st.lists(st.integers(0, 9), max_size=3),
        st.dictionaries(st.sampled_from(["id", "type", "value"]), st.integers(0, 9), max_size=2),
    )
    paths = list(_paths(document))
    return st.lists(st.tuples(st.sampled_from(paths), junk), min_size=1, max_size=3).map(
        lambda changes: _changed(document, changes)
    )


def _paths(document: Any, path: tuple[str | int, ...] = ()) -> Sequence[tuple[str | int, ...]]:
    found = [path]
    members = (
        document.items()
        if isinstance(document, dict)
        else enumerate(document)
        if isinstance(document, list)
        else ()
    )
    for step, value in members:
        found += _paths(value, (*path, step))
    return found


def _changed(document: Any, changes: Sequence[tuple[tuple[str | int, ...], Any]]) -> Any:
    found = orjson.loads(orjson.dumps(document))
    for path, value in changes:
        found = _with(found, path, value)
    return found


def _with(document: Any, path: tuple[str | int, ...], value: Any) -> Any:
    if not path:
        return value
    step, *rest = path
    if isinstance(document, dict) and step in document:
        return {**document, step: _with(document[step], tuple(rest), value)}
    if isinstance(document, list) and isinstance(step, int) and step < len(document):
        return [*document[:step], _with(document[step], tuple(rest), value), *document[step + 1 :]]
    return document


def _plain(value: Any) -> Any:
    """As JSON would carry it."""
    return orjson.loads(orjson.dumps(value))
