"""`/v1/privacy`, and what it does to the items that come after."""

import asyncio
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

import httpx
import pytest
from prometheus_client import REGISTRY

from heedful.common.contracts import Feedback, Interaction
from heedful.common.identifiers import is_hashed
from heedful.common.security import Scope
from heedful.common.topics import INTERACTION_RECORDED
from heedful.ingest.store_privacy import PrivacyStore
from tests.integration.conftest import API_KEY, OTHER_API_KEY, TENANT
from tests.integration.ingest.conftest import Start
from tests.integration.ingest.world import FEEDBACK, INTERACTION, Ingest, problem
from tests.integration.waiting_changes import noted
from tests.keys import make_key

PATH = "/v1/privacy"
DEFAULTS = {
    "redaction": "mask",
    "identifiers": "plain",
    "retention_days": None,
    "changed_at": None,
    "changed_by": None,
}


async def put(ingest: Ingest, key: str = API_KEY, **settings: Any) -> httpx.Response:
    return await ingest.client.put(PATH, json=settings, headers={"X-API-Key": key})


async def published(ingest: Ingest, **fields: Any) -> Feedback:
    """The last feedback in the log, after one more was posted."""
    answer = await ingest.post("/v1/feedback", {**FEEDBACK, **fields})
    assert answer.status_code == 202, answer.text
    return Feedback.parse((await ingest.records())[-1].value or b"")


def replaced(kind: str) -> float:
    return REGISTRY.get_sample_value("heedful_ingest_redacted_total", {"type": kind}) or 0


async def test_who_never_chose_has_the_defaults(ingest: Ingest) -> None:
    assert (await ingest.client.get(PATH)).json() == DEFAULTS
    assert (await published(ingest)).text == "刹车突然失灵，请打<phone>"


async def test_settings_count_at_once_and_for_their_tenant(ingest: Ingest) -> None:
    answer = await put(ingest, redaction="hash", retention_days=365)
    assert answer.status_code == 200, answer.text
    assert (await ingest.client.get(PATH)).json() == answer.json()
    first = await published(ingest)
    second = await published(ingest, id="call-2", text="139 0000 1234没人接")
    token = first.text.removeprefix("刹车突然失灵，请打")
    assert token.startswith("<phone:")
    assert second.text == f"{token}没人接"
    others = await ingest.client.get(PATH, headers={"X-API-Key": OTHER_API_KEY})
    assert others.json() == DEFAULTS


async def test_every_change_says_when_and_by_which_key(ingest: Ingest) -> None:
    await put(ingest, redaction="hash")
    await put(ingest, identifiers="hashed")
    page = (await ingest.client.get(f"{PATH}/changes", params={"limit": 1})).json()
    (newest,) = page["items"]
    assert (newest["redaction"], newest["identifiers"]) == ("mask", "hashed")
    assert newest["changed_by"].startswith("env-")
    assert datetime.fromisoformat(newest["changed_at"]) <= datetime.now(UTC)
    rest = await ingest.client.get(f"{PATH}/changes", params={"cursor": page["next_cursor"]})
    assert [one["redaction"] for one in rest.json()["items"]] == ["hash"]
    others = await ingest.client.get(f"{PATH}/changes", headers={"X-API-Key": OTHER_API_KEY})
    assert others.json()["items"] == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"redaction": "none"},
        {"identifiers": "sealed"},
        {"retention_days": 0},
        {"retention_days": 4000},
        {"masks": True},
    ],
)
async def test_wrong_settings_change_nothing(ingest: Ingest, wrong: dict[str, Any]) -> None:
    problem(await put(ingest, **wrong), 422, "invalid")
    assert (await ingest.client.get(PATH)).json() == DEFAULTS


async def test_a_cursor_must_be_one_of_ours(ingest: Ingest) -> None:
    answer = await ingest.client.get(f"{PATH}/changes", params={"cursor": "x"})
    problem(answer, 400, "bad-cursor")


async def test_reading_and_writing_are_scopes_of_their_own(ingest: Ingest) -> None:
    engine = ingest.platform.engine
    now = datetime.now(UTC)
    _, reader = await make_key(engine, TENANT, [Scope.PRIVACY_READ.value], now)
    _, poster = await make_key(engine, TENANT, [Scope.FEEDBACK_WRITE.value], now)
    problem(await put(ingest, key=reader, redaction="hash"), 403, "forbidden")
    problem(await put(ingest, key=poster, redaction="hash"), 403, "forbidden")
    answer = await ingest.client.get(PATH, headers={"X-API-Key": reader})
    assert answer.json() == DEFAULTS


async def test_hashed_identifiers_are_the_same_in_both_topics(ingest: Ingest) -> None:
    await put(ingest, identifiers="hashed")
    said = await published(ingest)
    answer = await ingest.post(
        "/v1/interactions",
        {**INTERACTION, "identifiers": [{"type": "phone", "value": "+86 139-0000-1234"}]},
    )
    assert answer.status_code == 202
    (record,) = await ingest.records(INTERACTION_RECORDED)
    happened = Interaction.parse(record.value or b"")
    assert said.identifiers == happened.identifiers
    assert is_hashed(said.identifiers[0].value)
    assert b"1390000" not in (record.value or b"")


async def test_what_was_replaced_travels_with_the_item_and_is_counted(ingest: Ingest) -> None:
    phones, plates = replaced("phone"), replaced("plate")
    said = await published(ingest, attributes={"remark": "车牌京A12345"})
    assert said.redaction is not None
    assert said.redaction.counts == {"phone": 1, "plate": 1}
    (place,) = said.redaction.offsets
    assert FEEDBACK["text"][place.start : place.end] == "13900001234"
    assert said.text[place.at : place.until] == "<phone>"
    assert (replaced("phone"), replaced("plate")) == (phones + 1, plates + 1)


async def test_unknown_settings_are_503_and_publish_nothing(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(_store: PrivacyStore) -> None:
        raise OSError("away")

    monkeypatch.setattr(PrivacyStore, "all", away)
    ingest = await start()
    problem(await ingest.post("/v1/feedback", FEEDBACK), 503, "unavailable")
    assert await ingest.records() == []


async def test_the_audit_hears_who_chose_what(ingest: Ingest) -> None:
    await put(ingest, redaction="hash", retention_days=365)
    await put(ingest, redaction="token")
    first, second = await noted(ingest.platform.engine)
    assert (first.tenant, first.action, first.actor.type) == (TENANT, "privacy.changed", "system")
    chosen = {"redaction": "hash", "identifiers": "plain", "retention_days": 365}
    mask = {"redaction": "mask", "identifiers": "plain", "retention_days": None}
    assert (first.before, first.after) == (mask, chosen)
    assert (second.before, second.after) == (chosen, {**mask, "redaction": "token"})


async def test_of_settings_that_are_made_at_once_each_says_what_the_last_one_left(
    ingest: Ingest,
) -> None:
    await asyncio.gather(*(put(ingest, redaction="mask", retention_days=30 + n) for n in range(8)))
    entries = await noted(ingest.platform.engine)
    assert len(entries) == 8
    assert all(one.after == other.before for one, other in pairwise(entries))
