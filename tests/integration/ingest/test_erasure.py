"""What an erasure takes out of ingest, what does not come in again, and what goes with age."""

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import text

from heedful.common import identifiers
from heedful.common.contracts import IdentifierType
from heedful.common.erasure import KnownName, Names
from heedful.common.retention import Rule
from heedful.common.security.secrets import instance_secret
from heedful.common.topics import FEEDBACK_RECEIVED, INTERACTION_RECORDED
from heedful.ingest import store, store_quarantine_forgetting
from tests.integration.erasures import (
    counts,
    erasure,
    feedback_key,
    given,
    interaction_key,
    obey,
)
from tests.integration.ingest.channels import Parrot, installed
from tests.integration.ingest.conftest import Start
from tests.integration.ingest.test_channels import SAID, quarantined, sent
from tests.integration.ingest.test_connections import made
from tests.integration.ingest.world import FEEDBACK, INTERACTION, Ingest
from tests.leftovers import leftovers

F1, I1 = feedback_key("callcentre", "call-1"), interaction_key("callcentre", "out-1")
WRITTEN = "139 0000 1234"


def now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture
async def ingest(start: Start, monkeypatch: pytest.MonkeyPatch) -> Ingest:
    monkeypatch.setattr("heedful.ingest.main.adapters", lambda: installed(Parrot()))
    return await start()


async def post(ingest: Ingest, **changes: Any) -> str:
    answer = await ingest.post("/v1/feedback", {**FEEDBACK, **changes})
    assert answer.status_code == 202, answer.text
    return str(answer.json()["status"])


async def test_the_key_goes_and_the_item_does_not_come_back_to_life(ingest: Ingest) -> None:
    assert await post(ingest) == "accepted"
    assert await post(ingest, id="call-2") == "accepted"
    assert (await ingest.post("/v1/interactions", INTERACTION)).status_code == 202
    await obey(ingest.service, erasure(ingest.platform, now(), F1, I1))
    url = ingest.platform.settings.database_url
    assert url is not None
    (receipt,) = await given(ingest.platform, ingest.service)
    assert await leftovers(url.get_secret_value(), ["call-1", "out-1"]) == []
    assert counts(receipt) == {"accepted": 2}
    assert {one.name for one in receipt.remaining} == {
        FEEDBACK_RECEIVED.name,
        FEEDBACK_RECEIVED.dlq,
        INTERACTION_RECORDED.name,
        INTERACTION_RECORDED.dlq,
        "quarantine of unreadable requests",
        "reports of imports",
    }
    assert await post(ingest) == "duplicate"
    assert await post(ingest, text="another body is no conflict either") == "duplicate"
    assert await post(ingest, id="call-3") == "accepted"
    assert len(await ingest.records()) == 3


@pytest.mark.parametrize("form", ["as written", "in one spelling", "hashed"])
async def test_what_waits_in_quarantine_is_found_by_whom_it_is_about(
    ingest: Ingest, form: str
) -> None:
    connection = await made(ingest)
    someone = {"type": "phone", "value": WRITTEN}
    items = [
        {**SAID, "id": "m-1", "channel": "telepathy", "identifiers": [someone]},
        {**SAID, "id": "m-2", "channel": "telepathy"},
    ]
    await sent(ingest, connection, {"items": items})
    platform = ingest.platform
    secret = await instance_secret(platform.engine, platform.secrets, identifiers.SECRET)
    value = {
        "as written": WRITTEN,
        "in one spelling": "+8613900001234",
        "hashed": identifiers.hashed(secret, "acme", IdentifierType.PHONE, "+8613900001234"),
    }[form]
    names = Names(identifiers=(KnownName(type=IdentifierType.PHONE, value=value),))
    await obey(ingest.service, erasure(platform, now(), names=names))
    (left,) = await quarantined(ingest)
    async with platform.engine.connect() as connection_:
        rows = (
            await connection_.execute(
                text("SELECT id, state, sealed, people, resolved_by FROM ingest.quarantine")
            )
        ).all()
    (gone,) = [row for row in rows if row.id != left["id"]]
    assert tuple(gone)[1:] == ("discarded", None, [], "erasure")
    assert counts((await given(platform, ingest.service))[0]) == {"quarantined": 1}


async def test_what_comes_into_quarantine_later_is_theirs_to_send(ingest: Ingest) -> None:
    connection = await made(ingest)
    before = now()
    await sent(ingest, connection, {"items": [{**SAID, "channel": "telepathy"}]})
    names = Names(identifiers=(KnownName(type=IdentifierType.WECHAT_OPENID, value="o-1"),))
    await obey(ingest.service, erasure(ingest.platform, before, names=names))
    assert len(await quarantined(ingest)) == 1


async def age(ingest: Ingest, delete: Any, **rule: Any) -> int:
    async with ingest.platform.engine.begin() as connection:
        found: int = await delete(connection, Rule(now(), **rule), 2)
        return found


async def test_old_keys_are_forgotten_in_batches(ingest: Ingest) -> None:
    for number in range(3):
        await post(ingest, id=f"call-{number}")
    assert await age(ingest, store.forget, tenant="other") == 0
    assert await age(ingest, store.forget, others=("acme",)) == 0
    assert [await age(ingest, store.forget, tenant="acme") for _ in range(2)] == [2, 1]
    assert await ingest.remembered() == 0
    assert await post(ingest, id="call-0") == "accepted"


async def test_old_quarantine_is_discarded_and_then_forgotten(ingest: Ingest) -> None:
    connection = await made(ingest)
    await sent(ingest, connection, {"items": [{**SAID, "channel": "telepathy"}]})
    assert await age(ingest, store_quarantine_forgetting.forget) == 1
    assert await quarantined(ingest) == []
    assert await age(ingest, store_quarantine_forgetting.forget) == 1
    async with ingest.platform.engine.connect() as database:
        assert await database.scalar(text("SELECT count(*) FROM ingest.quarantine")) == 0


async def test_the_tenants_wish_reaches_every_service(ingest: Ingest) -> None:
    for days, expected in ((30, [("acme", 30)]), (None, [])):
        answer = await ingest.client.put("/v1/privacy", json={"retention_days": days})
        assert answer.status_code == 200, answer.text
        async with ingest.platform.engine.connect() as database:
            rows = await database.execute(text("SELECT tenant, days FROM common.tenant_retention"))
            assert [tuple(row) for row in rows] == expected
