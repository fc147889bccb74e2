"""Who is forgotten is forgotten in decisions as well; that somebody decided stays."""

from collections.abc import AsyncIterator

import pytest

from heedful.common.contracts import Deleted, ErasureReceipt
from heedful.common.service import Platform
from heedful.common.topics import PRIVACY_RECEIPT
from tests.integration.journey.deciding import CONSOLE, keep_apart, merge, revoke
from tests.integration.journey.erasing import erase, parts, published
from tests.integration.journey.test_ageing import age
from tests.integration.journey.world import Journey, running
from tests.leftovers import leftovers
from tests.people import NOW
from tests.unit.journey.history import node_of
from tests.unit.journey.material import feedback, interaction

OPENID, MAIL, CARD = "wechat_openid:o1", "email:a@example.com", "member_card:m1"
WORDS = "张三本人来电确认"


@pytest.fixture
async def journey(platform: Platform) -> AsyncIterator[Journey]:
    async with running(CONSOLE.believed(platform, NOW)) as started:
        yield started


def url(journey: Journey) -> str:
    found = journey.platform.settings.database_url
    assert found is not None
    return found.get_secret_value()


async def test_an_erasure_takes_words_and_identifiers_out_of_decisions(journey: Journey) -> None:
    await journey.consume(feedback(1, OPENID), feedback(2, MAIL), feedback(3, CARD))
    await revoke(journey, await merge(journey, CARD, OPENID, reason=WORDS))
    await merge(journey, OPENID, MAIL, reason=WORDS, evidence=WORDS)
    await keep_apart(journey, OPENID, CARD)
    await erase(journey, OPENID)
    await parts(journey)  # the outbox is emptied into the log
    gone = [WORDS, "看错了", *(str(node_of(name).id) for name in (OPENID, MAIL))]
    assert await leftovers(url(journey), gone) == []
    rows = await journey.query(
        "SELECT kind, actor_id, reason, evidence FROM journey.decision ORDER BY number"
    )
    assert [tuple(row) for row in rows] == [
        (kind, "wang.fang", None, None) for kind in ("merge", "revoke", "merge", "keep_apart")
    ]
    seen = await journey.get(f"/v1/customers/{await journey.customer_of(CARD)}/identities")
    kept = seen["decisions"][-1]
    assert (kept["kind"], kept["reason"], kept["in_force"]) == ("keep_apart", None, True)
    assert kept["left"] == {"customers": [], "identifiers": []}
    assert [one["value"] for one in kept["right"]["identifiers"]] == ["m1"]


async def test_the_receipt_counts_decisions(journey: Journey) -> None:
    await journey.consume(feedback(1, OPENID), feedback(2, MAIL))
    await merge(journey, OPENID, MAIL)
    await erase(journey, OPENID)
    (receipt,) = [one.payload for one in await published(journey, PRIVACY_RECEIPT)]
    assert isinstance(receipt, ErasureReceipt)
    assert Deleted(kind="decisions", count=1) in receipt.deleted


async def test_who_comes_back_after_an_erasure_is_joined_with_nobody(journey: Journey) -> None:
    await journey.consume(feedback(1, OPENID), feedback(2, MAIL))
    await merge(journey, OPENID, MAIL)
    await erase(journey, OPENID)
    await journey.consume(
        *(
            feedback(number, name, received_at="2026-12-01T00:00:00Z")
            for number, name in ((8, OPENID), (9, MAIL))
        )
    )
    assert await journey.customer_of(OPENID) != await journey.customer_of(MAIL)


async def test_who_grows_old_leaves_decisions_with_the_last_event(journey: Journey) -> None:
    await journey.consume(feedback(1, OPENID), feedback(2, MAIL), interaction(30, CARD))
    await merge(journey, OPENID, MAIL)
    await keep_apart(journey, OPENID, CARD)
    assert await age(journey, 1.5) == 1
    assert await journey.customer_of(OPENID) == await journey.customer_of(MAIL)
    assert await age(journey, 20) == 1
    rows = await journey.query("SELECT identifier_id FROM journey.decision_member")
    assert [row.identifier_id for row in rows] == [node_of(CARD).id]
    assert await journey.query("SELECT 1 FROM journey.decision WHERE reason IS NOT NULL") == []
