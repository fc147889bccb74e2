"""The form of an endpoint sends what its kind has, and nothing else."""

from datetime import UTC, datetime
from typing import Any

import pytest
from starlette.datastructures import FormData

from heedful.console.delivery.form import EndpointForm
from heedful.console.delivery.kinds import KINDS, Secret
from heedful.console.upstream.endpoints import Endpoint

TYPED = FormData(
    [
        ("url", " https://oapi.dingtalk.com/robot/send?access_token=1 "),
        ("secret", "SEC1"),
        ("keyword", "客服"),
        ("events", "case.opened"),
        ("events", "case.breached"),
        ("audiences", "lead"),
        ("action_links", "mentioned"),
        ("template_title", "{{ type }}"),
        ("template_text", "a\r\nb"),
    ]
)


def endpoint(**given: Any) -> Endpoint:
    fields: dict[str, Any] = {
        "id": "ep-1",
        "url": "https://oapi.dingtalk.com/…",
        "description": None,
        "kind": "dingtalk",
        "enabled": True,
        "events": ["case.opened"],
        "audiences": ["lead"],
        "keyword": "客服",
        "language": "en",
        "timezone": "Europe/London",
        "failover": None,
        "fallback": False,
        "storms": "each",
        "template": {"title": "t", "text": "x"},
        "action_links": "none",
        "created_at": datetime(2026, 11, 30, tzinfo=UTC),
        "previous_secret_until": None,
        "failing_since": None,
        "disabled_at": None,
        "disabled_reason": None,
    }
    return Endpoint.model_validate({**fields, **given})


def test_a_robot_is_made_with_all_that_was_typed() -> None:
    body = EndpointForm.typed(TYPED).made(KINDS["dingtalk"])
    assert body["url"] == "https://oapi.dingtalk.com/robot/send?access_token=1"
    assert (body["secret"], body["keyword"]) == ("SEC1", "客服")
    assert body["events"] == ["case.opened", "case.breached"]
    assert body["template"] == {"title": "{{ type }}", "text": "a\nb"}
    assert (body["action_links"], body["failover"]) == ("mentioned", None)


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.name)
def test_a_kind_is_sent_only_the_fields_that_it_has(kind: Any) -> None:
    body = EndpointForm.typed(TYPED).made(kind)
    assert ("keyword" in body) is kind.keyword
    assert ("template" in body) is ("action_links" in body) is kind.messages
    assert ("secret" in body) is (kind.secret in (Secret.OPTIONAL, Secret.NEEDED))


def test_an_address_that_is_secret_is_neither_shown_nor_changed_by_saving() -> None:
    kind = KINDS["dingtalk"]
    typed = EndpointForm.of(endpoint(), kind)
    assert typed.url == ""
    assert "url" not in typed.changed(kind)


def test_saving_what_was_not_touched_changes_nothing() -> None:
    kind, found = KINDS["dingtalk"], endpoint()
    body = EndpointForm.of(found, kind).changed(kind)
    kept = found.model_dump(mode="json")
    assert {name: kept[name] for name in body} == body
