"""heedful's own protocol; proof by
https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md"""

from datetime import timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks.webhooks import Webhook

from heedful.ingest.channels import Draft, Kind, Malformed, Part
from heedful.ingest.channels.callcentre import CallCentre, Options
from heedful.ingest.channels.standard_webhooks import Secrets
from tests.contract.channels.harness import (
    NOW,
    Case,
    expect,
    mutations,
    reads_or_refuses,
    refuses_changed_bodies,
    refuses_other_secrets,
    refuses_replays,
    request,
)

FOLDER = Path(__file__).parent
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
ADAPTER = CallCentre()
WHOLE: dict[str, Any] = orjson.loads((FOLDER / "whole.json").read_bytes())


def sent(body: bytes, **options: Any) -> Case:
    headers = {
        "webhook-id": "msg_1",
        "webhook-timestamp": str(int(NOW.timestamp())),
        "webhook-signature": Webhook(SECRET).sign("msg_1", NOW, body.decode()),
    }
    return Case(ADAPTER, request(body, headers=headers), Secrets(secret=SECRET), Options(**options))


def called(**changes: Any) -> Case:
    """The whole call with other fields; None takes one away."""
    call = {
        name: value for name, value in {**WHOLE["call"], **changes}.items() if value is not None
    }
    return sent(orjson.dumps({**WHOLE, "call": call}))


def test_a_call_is_the_customers_words_and_a_contact() -> None:
    expect(FOLDER, "whole", sent((FOLDER / "whole.json").read_bytes()).items())


def test_what_is_not_proven_is_refused() -> None:
    case = called()
    refuses_changed_bodies(case)
    refuses_other_secrets(case, Secrets(secret="whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"))
    refuses_replays(case, timedelta(minutes=5, seconds=1))


def test_a_call_without_a_word_of_the_customer_is_a_contact_alone() -> None:
    items = called(segments=[{"speaker": "agent", "text": "喂？"}], notes=None).items()
    assert [item.kind for item in items if isinstance(item, Draft)] == [Kind.INTERACTION]


def test_notes_may_be_a_summary_alone() -> None:
    case = called()
    items = ADAPTER.parse(case.request, Options(notes_are_feedback=False)).items
    assert [item.kind for item in items if isinstance(item, Draft)] == [
        Kind.FEEDBACK,
        Kind.INTERACTION,
    ]


def test_what_the_recogniser_doubts_is_not_the_customers_text() -> None:
    case = called()
    feedback, *_ = ADAPTER.parse(case.request, Options(least_confidence=0.9)).items
    assert isinstance(feedback, Draft)
    assert feedback.values["text"] == "我昨天做的保养，今天高速上刹车突然变软了"
    assert len(feedback.values["dialogue"]) == 4


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"id": None}, "call.id is missing"),
        ({"started_at": None}, "call.started_at is missing"),
        ({"started_at": "2026-11-24 08:15:00"}, "call.started_at is not a time"),
        ({"direction": "sideways"}, "call.direction is neither"),
        ({"segments": [{"speaker": "ghost", "text": "x"}]}, r"call.segments\[0\].speaker is none"),
        ({"part": 0}, "call.part is not a whole number"),
        ({"part": 1.5}, "call.part is not a whole number"),
        ({"resolved": "yes"}, "call.resolved is not true or false"),
    ],
)
def test_what_is_wrong_is_named(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(Malformed, match=said):
        called(**changes).items()


@given(st.permutations(["first", "last"]))
def test_parts_in_any_order_are_one_call(order: list[str]) -> None:
    parts: list[Part] = []
    for name in order:
        case = sent((FOLDER / f"{name}.json").read_bytes())
        parsed = ADAPTER.parse(case.opened(), case.options)
        assert not parsed.items
        parts += parsed.parts
    assert [part.of for part in sorted(parts, key=lambda part: part.number)] == [None, 2]
    ordered = sorted(parts, key=lambda part: part.number)
    expect(FOLDER, "parts", ADAPTER.assemble(ordered, True, Options()))


def test_a_call_that_lost_a_part_says_so() -> None:
    case = sent((FOLDER / "first.json").read_bytes())
    parts = ADAPTER.parse(case.opened(), case.options).parts
    for item in ADAPTER.assemble(parts, False, Options()):
        assert isinstance(item, Draft)
        assert item.values["attributes"]["incomplete"] == "true"


@given(mutations(WHOLE))
def test_no_body_breaks_it(document: Any) -> None:
    reads_or_refuses(ADAPTER, request(orjson.dumps(document)), Options())
