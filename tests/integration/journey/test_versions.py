"""Two versions of one enrichment: journey shows the newest and counts the feedback once."""

import itertools

from heedful.common.contracts import Colour, Enrichment
from heedful.common.events import Delivery
from heedful.common.topics import FEEDBACK_ENRICHED
from tests.integration.journey.world import Journey
from tests.unit.journey.material import at, delivery, feedback

PHONE = "phone:13900001234"


def anew(old: Delivery, colour: Colour, hour: float) -> Delivery:
    """As reprocessing publishes it: another id, later, marked."""
    before = old.payload
    assert isinstance(before, Enrichment)
    said = before.feedback.model_copy(update={"backfill": True})
    payload = before.model_copy(
        update={
            "id": f"{before.id}-{hour}",
            "feedback": said,
            "enriched_at": at(hour),
            "light": before.light.model_copy(update={"colour": colour}),
            "versions": before.versions.model_copy(update={"model": "m2"}),
            "reprocessed": True,
        }
    )
    return delivery(FEEDBACK_ENRICHED, payload, payload.id, said.source, at(hour))


async def test_the_newest_version_is_shown_and_counted_once(journey: Journey) -> None:
    """Whatever the order and however often they come, in one batch or in several."""
    old = feedback(1, PHONE, colour=Colour.RED, touchpoint="store.visit")
    other = feedback(2, PHONE, colour=Colour.GREEN, touchpoint="store.visit")
    new = anew(old, Colour.AMBER, hour=9)
    for order in itertools.permutations((old, other, new)):
        for batches in ([order], [[one] for one in order], [order, order]):
            await journey.forget()
            for batch in batches:
                await journey.consume(*batch)
            assert await journey.timeline(PHONE) == ["f1", "f2"]
            (found,) = await journey.pages("/v1/touchpoints")
            assert found["feedback"] == 2
            assert found["lights"] == {"red": 0, "amber": 1, "green": 1, "grey": 0}
            (row,) = await journey.query("SELECT payload FROM journey.event WHERE id = 'f1'")
            assert row.payload["versions"]["model"] == "m2"
            assert row.payload["reprocessed"] is True


async def test_a_version_says_which_one_it_is(journey: Journey) -> None:
    """An old one is not taken for a new one, nor the other way round."""
    old = feedback(1, PHONE)
    await journey.consume(old)
    (row,) = await journey.query("SELECT payload FROM journey.event")
    assert row.payload.get("reprocessed", False) is False
    assert row.payload["versions"]["model"] == "m1"
