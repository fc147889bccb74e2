"""The consumer's handler on a real database: each event once, with whom it belongs to."""

import dataclasses
from collections.abc import Sequence
from typing import Any

import pytest
from prometheus_client import REGISTRY
from sqlalchemy.ext.asyncio import create_async_engine

from heedful.common.contracts import Colour
from heedful.common.errors import InvalidMessage, Retryable
from heedful.common.events import Delivery
from tests.integration.journey.world import NOW, Journey, member
from tests.unit.journey.material import feedback, interaction

PHONE = "phone:13900001234"


def counted(name: str, *labels: tuple[str, str]) -> float:
    return REGISTRY.get_sample_value(name, dict(labels)) or 0.0


async def moves(journey: Journey) -> list[Sequence[Any]]:
    rows = await journey.query(
        "SELECT kind, reason, evidence_kind, evidence_source, evidence_id, at"
        " FROM journey.move ORDER BY id"
    )
    return [tuple(row) for row in rows]


async def test_a_timeline_reads_in_the_order_in_which_things_happened(journey: Journey) -> None:
    """However they came: late, by two topics, at one moment."""
    await journey.consume(feedback(3, PHONE))
    await journey.consume(interaction(5, PHONE), interaction(1, PHONE), feedback(4, PHONE, hours=2))
    await journey.consume(
        feedback(9, PHONE, hours=2, received_at="2026-11-01T09:00:00Z"),
        interaction(2, PHONE, hours=2),
    )
    assert await journey.timeline(PHONE) == ["i1", "f9", "f4", "i2", "f3", "i5"]


async def test_an_event_is_remembered_once(journey: Journey) -> None:
    await journey.consume(feedback(1, PHONE), feedback(1, PHONE))
    await journey.consume(feedback(1, PHONE))
    assert await journey.timeline(PHONE) == ["f1"]


async def test_an_id_belongs_to_its_tenant_source_and_kind(journey: Journey) -> None:
    await journey.consume(
        feedback(1, PHONE),
        feedback(1, PHONE, source="survey"),
        feedback(1, PHONE, tenant="other"),
        interaction(1, PHONE, source="crm", id="f1"),
    )
    assert await journey.timeline(PHONE) == ["f1", "f1", "f1"]
    assert len(await journey.query("SELECT 1 FROM journey.event")) == 4


async def test_a_batch_gives_one_result_per_record_and_keeps_the_good_ones(
    journey: Journey,
) -> None:
    good = feedback(1, PHONE)
    assert good.event.data is not None
    data = good.event.data[:-1] + rb',"later":"\u0000"}'
    bad = dataclasses.replace(good, event=dataclasses.replace(good.event, data=data))
    results = await journey.consume(bad, feedback(2, PHONE), bad)
    assert [isinstance(result, InvalidMessage) for result in results] == [True, False, True]
    assert results[1] == ()
    assert await journey.timeline(PHONE) == ["f2"]


async def test_a_late_strong_identifier_joins_the_past(journey: Journey) -> None:
    await journey.consume(feedback(1, "wechat_openid:o1"), interaction(2, PHONE))
    await journey.consume(interaction(3, "customer_id:c1", PHONE))
    await journey.consume(feedback(4, "wechat_openid:o1", PHONE))
    assert await journey.timeline("customer_id:c1") == ["f1", "i2", "i3", "f4"]
    assert await moves(journey) == [
        ("merge", "seen_together:customer_id+phone", "interaction", "shop", "i3", NOW),
        ("merge", "seen_together:wechat_openid+phone", "feedback", "crm", "f4", NOW),
    ]


async def test_two_customer_ids_never_merge_through_a_phone(journey: Journey) -> None:
    await journey.consume(feedback(1, "customer_id:c1", PHONE), feedback(2, PHONE))
    assert await journey.timeline("customer_id:c1") == ["f1", "f2"]
    await journey.consume(feedback(3, "customer_id:c2", PHONE))
    assert await journey.timeline("customer_id:c1") == ["f1"]
    assert await journey.timeline("customer_id:c2") == ["f3"]


async def test_a_wrong_merge_is_undone_with_its_events(journey: Journey) -> None:
    mail = "email:a@b.cn"
    await journey.consume(
        feedback(1, "customer_id:c1", mail), feedback(2, mail, "wechat_openid:o1")
    )
    assert await journey.timeline("customer_id:c1") == ["f1", "f2"]
    await journey.consume(feedback(3, "customer_id:c2", mail))
    assert await journey.timeline("customer_id:c1") == ["f1"]
    assert await journey.timeline("wechat_openid:o1") == ["f2"]
    assert (await moves(journey))[-1] == (
        "split",
        "shared:customer_id+email",
        "feedback",
        "crm",
        "f3",
        NOW,
    )


async def test_a_conversation_lends_its_customer_to_what_names_nobody(journey: Journey) -> None:
    await journey.consume(feedback(1, conversation_id="k1"))
    await journey.consume(interaction(2, "customer_id:c1", conversation_id="k1"))
    await journey.consume(feedback(3, "device:d1", conversation_id="k1"))
    assert await journey.timeline("customer_id:c1") == ["f1", "i2", "f3"]


async def test_a_conversation_of_two_customers_lends_none(journey: Journey) -> None:
    await journey.consume(
        feedback(1, conversation_id="k1"), interaction(2, "customer_id:c1", conversation_id="k1")
    )
    assert await journey.timeline("customer_id:c1") == ["f1", "i2"]
    await journey.consume(interaction(3, "customer_id:c2", conversation_id="k1"))
    assert await journey.timeline("customer_id:c1") == ["i2"]
    assert await journey.timeline("customer_id:c2") == ["i3"]


async def test_a_conversation_follows_its_customer_through_a_merge(journey: Journey) -> None:
    await journey.consume(
        feedback(1, conversation_id="k1"), feedback(2, "member_card:m1", conversation_id="k1")
    )
    await journey.consume(interaction(3, "member_card:m1", "customer_id:c1"))
    assert await journey.timeline("customer_id:c1") == ["f1", "f2", "i3"]


async def test_who_is_lent_may_be_who_it_is(journey: Journey) -> None:
    """A phone of nobody that turns out to be the customer's whose conversation it is."""
    card, other = "member_card:m1", "member_card:m2"
    events = [
        feedback(1, card, PHONE, conversation_id="k1"),
        feedback(2, other, PHONE),
        interaction(3, PHONE, conversation_id="k1"),
        feedback(4, card, other),
    ]
    for event in events:
        await journey.consume(event)
    one_by_one = await journey.tables()
    await journey.forget()
    await journey.consume(*events)
    assert await journey.tables() == one_by_one
    assert [row["identified"] for row in one_by_one["event"]] == [True] * 4


async def test_a_conversation_stays_within_its_tenant(journey: Journey) -> None:
    await journey.consume(feedback(1, conversation_id="k1", tenant="other"))
    await journey.consume(interaction(2, "customer_id:c1", conversation_id="k1"))
    assert await journey.timeline("customer_id:c1") == ["i2"]


async def test_of_two_judgements_the_later_one_counts(journey: Journey) -> None:
    """Feedback that a newer model or policy judged again keeps its place and gets its new light."""
    red = feedback(1, PHONE, colour=Colour.RED, topics=["queue"], enriched=1)
    amber = feedback(1, PHONE, colour=Colour.AMBER, topics=["price"], enriched=2)
    for batches in ([[red, amber]], [[amber, red]], [[red], [amber]], [[amber], [red]]):
        await journey.forget()
        for batch in batches:
            await journey.consume(*batch)
        (event,) = await journey.query("SELECT colour, topics FROM journey.event")
        assert (event.colour, event.topics) == ("amber", ["price"])
        assert await journey.timeline(PHONE) == ["f1"]
        lights = (await journey.get("/v1/summary"))["lights"]
        assert lights == {"red": 0, "amber": 1, "green": 0, "grey": 0}


async def test_metrics_count_what_became_of_events_and_customers(journey: Journey) -> None:
    events, customers = "heedful_journey_events_total", "heedful_journey_customers_total"

    def now() -> list[float]:
        return [
            counted(events, ("kind", "feedback"), ("outcome", "new")),
            counted(events, ("kind", "feedback"), ("outcome", "duplicate")),
            counted(events, ("kind", "interaction"), ("outcome", "new")),
            counted(customers, ("event", "created")),
            counted(customers, ("event", "merged")),
            counted(customers, ("event", "split")),
        ]

    before = now()
    mail = "email:a@b.cn"
    await journey.consume(feedback(1, mail), feedback(1, mail), interaction(2, "customer_id:c1"))
    await journey.consume(feedback(1, mail), feedback(3, mail, "customer_id:c1"))
    await journey.consume(feedback(4, mail, "wechat_openid:o1"))
    await journey.consume(feedback(5, mail, "customer_id:c2"))
    gained = [after - then for after, then in zip(now(), before, strict=True)]
    assert gained == [4, 2, 1, 4, 1, 1]


async def test_a_database_that_is_away_is_asked_again(journey: Journey) -> None:
    nowhere = create_async_engine("postgresql+asyncpg://nobody@127.0.0.1:1/none")
    with pytest.raises(Retryable):
        await member(nowhere, journey.platform.secrets)([feedback(1, PHONE)])
    await nowhere.dispose()


async def test_an_event_that_the_database_refuses_is_no_reason_to_wait(journey: Journey) -> None:
    """Another try would fail as well: the runtime finds the event and buries it."""
    event = feedback(1, PHONE)
    assert event.event.data is not None
    data = event.event.data[:-1] + b',"later":1e999999999}'
    broken = dataclasses.replace(event, event=dataclasses.replace(event.event, data=data))
    with pytest.raises(Exception) as failed:  # noqa: PT011  # any but Retryable
        await journey.consume(broken)
    assert not isinstance(failed.value, Retryable)
    assert await journey.query("SELECT 1 FROM journey.identifier") == [], "nothing is half done"


async def test_nothing_to_remember_is_nothing_done(journey: Journey) -> None:
    nothing: list[Delivery] = []
    assert list(await journey.consume(*nothing)) == []
