"""Signature and body, judged by the reference library of Standard Webhooks."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from heedful.alerting import webhook
from heedful.alerting.recipients import Mention
from heedful.alerting.webhook import EventType, Notice
from heedful.common.contracts import ClockMetric, Deadlines

NOW = datetime(2026, 3, 1, 8, 0, 0, 250_000, tzinfo=UTC)
LIMITS = Deadlines(
    respond=NOW + timedelta(hours=24),
    plan=NOW + timedelta(hours=48),
    land=NOW + timedelta(hours=72),
)


def notice(kind: EventType = EventType.OPENED, clock: ClockMetric | None = None) -> Notice:
    return Notice(
        type=kind,
        at=NOW,
        case_id="c1",
        tenant="acme",
        sequence=3,
        colour="red",
        state="new",
        clock=clock,
        deadlines=LIMITS,
        received_at=NOW,
        source="calls",
        feedback_id="f1",
        channel="call",
        reasons=({"code": "injury", "label_zh": "人身伤害", "label_en": "Injury"},),
        url="https://heedful.example.com/v1/cases/c1",
    )


def test_the_reference_library_verifies_what_we_sign() -> None:
    secret, body = webhook.new_secret(), notice().body()
    signed = webhook.headers(secret, "id-1", datetime.now(UTC), body)
    assert Webhook(secret).verify(body, signed) == json.loads(body)
    with pytest.raises(WebhookVerificationError):
        Webhook(webhook.new_secret()).verify(body, signed)
    with pytest.raises(WebhookVerificationError):
        Webhook(secret).verify(body + b" ", signed)


def test_our_signature_is_the_librarys() -> None:
    secret, body = webhook.new_secret(), notice().body()
    signed = webhook.headers(secret, "id-1", NOW, body)
    assert signed["webhook-signature"] == Webhook(secret).sign("id-1", NOW, body.decode())
    assert signed["webhook-timestamp"] == str(int(NOW.timestamp()))


def test_the_body() -> None:
    body = json.loads(notice(EventType.WARNING, ClockMetric.RESPOND).body())
    assert body == {
        "type": "case.warning",
        "timestamp": "2026-03-01T08:00:00.250000Z",
        "data": {
            "case_id": "c1",
            "tenant": "acme",
            "sequence": 3,
            "colour": "red",
            "state": "new",
            "clock": "respond",
            "cycle": 1,
            "step": "",
            "audience": [],
            "deadlines": {
                "respond": "2026-03-02T08:00:00.250000Z",
                "plan": "2026-03-03T08:00:00.250000Z",
                "land": "2026-03-04T08:00:00.250000Z",
            },
            "received_at": "2026-03-01T08:00:00.250000Z",
            "feedback": {"source": "calls", "id": "f1", "channel": "call"},
            "reasons": [{"code": "injury", "label_zh": "人身伤害", "label_en": "Injury"}],
            "url": "https://heedful.example.com/v1/cases/c1",
        },
    }


def test_one_id_per_step_and_endpoint() -> None:
    steps = [notice(), notice(EventType.WARNING, ClockMetric.PLAN)]
    steps += [notice(EventType.BREACHED, metric) for metric in ClockMetric]
    ids = {step.webhook_id(endpoint) for step in steps for endpoint in ("e1", "e2")}
    assert len(ids) == 2 * len(steps)
    assert notice().webhook_id("e1") == notice().webhook_id("e1")
    assert all("." not in one for one in ids)


def test_a_later_run_and_a_step_of_the_ladder_have_ids_of_their_own() -> None:
    warning = notice(EventType.WARNING, ClockMetric.PLAN)
    others = [replace(warning, cycle=2), replace(warning, step="lead")]
    others.append(replace(others[0], step="lead"))
    assert len({one.webhook_id("e1") for one in [warning, *others]}) == 4


def test_what_happens_to_a_case_more_than_once_has_an_id_each_time() -> None:
    first = notice(EventType.REOPENED)
    again = replace(first, sequence=9)
    assert first.webhook_id("e1") != again.webhook_id("e1")


def test_who_is_called_by_name_is_not_in_the_body() -> None:
    named = replace(notice(), mentions=(Mention("m1", "王芳", {"dingtalk": "u1"}),))
    assert named.body() == notice().body()


@pytest.mark.parametrize(
    "secret",
    ["", "whsec_", "whsec_c2hvcnQ=", "c2VjcmV0LW9mLTMyLWJ5dGVzLWxvbmctaGVyZQ==", "whsec_!"],
)
def test_refused_secrets(secret: str) -> None:
    with pytest.raises(ValueError, match="whsec_"):
        webhook.secret_bytes(secret)
