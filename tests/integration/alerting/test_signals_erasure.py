"""What an erasure takes out of signals, and what of an erased customer's signals is taken."""

from typing import Any

import orjson
import pytest

from heedful.alerting.actions import Seen
from heedful.alerting.erasing import CaseEraser
from heedful.common.contracts import ErasedItem, ItemKind
from heedful.common.erasure import Erasing, Names
from tests.integration.alerting.auditing import Audit
from tests.integration.alerting.signals import (
    about,
    item_of,
    outcomes,
    own_case,
    show,
    signal,
    silence,
)
from tests.integration.alerting.test_erasure import NAMES, STAFF, bury, url
from tests.integration.alerting.world import HOUR, World, case_id, feedback, phone
from tests.integration.conftest import TENANT
from tests.integration.erasures import ERASURE
from tests.leftovers import leftovers

WHY: dict[str, Any] = {
    "summary_zh": "why-of-x",
    "summary_en": "why-of-x",
    "customer_id": "customer-of-x",
}


async def erase(
    world: World, *items: ErasedItem, customers: tuple[str, ...] = (), names: Names = NAMES
) -> dict[str, int]:
    eraser = CaseEraser(world.tombstones, world.ledger)
    eraser.use_match_secret(b"m" * 32)
    async with world.database.begin() as (connection, now):
        await world.tombstones.exclude(connection)
        await bury(world, connection, items)
        told = Erasing(TENANT, ERASURE, now, items, names, customers)
        return dict(await eraser(connection, told, now))


def item(id_: str, kind: ItemKind = ItemKind.FEEDBACK, source: str = "calls") -> ErasedItem:
    return ErasedItem(kind=kind, source=source, id=id_)


async def test_a_case_that_a_signal_opened_loses_who_why_and_by_what(world: World) -> None:
    audit = Audit(world)
    await world.add_endpoint("https://example.com/")
    one, other = feedback(id="item-1-of-x"), feedback(id="item-2-of-x")
    shown = signal(one, other, **WHY)
    await show(world, shown)
    case = own_case(shown)
    await world.note(case, STAFF, "note-of-x")
    await audit.anchor()
    # Somebody else at the same telephone: keys alone would not tell whose case it is.
    done = await erase(world, customers=("customer-of-x",), names=Names())
    assert (done["signals"], done["cases"], done["webhooks"]) == (1, 1, 1)
    await world.publish()
    assert await leftovers(url(world), ["-of-x", "13800138000"]) == []
    (row,) = await world.query("SELECT * FROM alerting.signal")
    assert (row.kind, row.outcome, row.case_id) == ("repeated_contact", "opened", case)
    assert row.item is None
    assert [kind for kind, _ in await world.kinds(case)] == ["opened", "noted", "erased"]
    (opened, *_) = await world.query("SELECT detail FROM alerting.case_event ORDER BY sequence")
    assert opened.detail["signal_kind"] == "repeated_contact"
    assert opened.detail["signal"] == "erased"
    assert await audit.broken() == []


async def test_on_the_case_of_somebody_else_only_the_signal_is_forgotten(world: World) -> None:
    await world.add_endpoint("https://example.com/")
    first = feedback(1)
    await world.consume(about(first))
    await show(world, signal(first, **WHY))
    done = await erase(world, customers=("customer-of-x",), names=Names())
    assert done["signals"] == 1
    assert "cases" not in done
    assert await leftovers(url(world), ["-of-x"]) == []
    bodies = await world.query("SELECT body FROM alerting.delivery ORDER BY created_at, event_type")
    told = [orjson.loads(row.body)["data"] for row in bodies]
    assert [one.get("signal", {}).get("summary_zh") for one in told] == [None, "erased"]
    assert ("erased", None) not in await world.kinds(case_id(first))


@pytest.mark.parametrize("by", ["item", "name"])
async def test_a_signal_of_an_erased_customer_is_not_taken(world: World, by: str) -> None:
    gone = [item("f1"), item("order-1", ItemKind.INTERACTION, "shop")] if by == "item" else []
    await erase(world, *gone, names=Names() if gone else NAMES)
    long_ago = signal(feedback(2), number=4, trigger=item_of(feedback(1)))
    await show(world, signal(feedback(1), feedback(2)), silence(2), long_ago)
    assert await outcomes(world) == {}
    assert await world.query("SELECT 1 FROM alerting.cases") == []
    another = signal(feedback(9), number=3, identifiers=(phone("13900001111"),))
    await show(world, another)
    assert await outcomes(world) == {"signal-3": "opened"}


async def test_what_showed_after_an_erasure_is_taken(world: World) -> None:
    """And what showed before it is not, of an older journey that names no item as well."""
    await erase(world)
    await show(world, signal(trigger=None, evidence=()))
    world.now += HOUR
    await show(world, signal(feedback(1), number=2, detected_at=world.now))
    assert await outcomes(world) == {"signal-2": "opened"}


async def test_what_is_said_of_a_customer_joins_no_erased_case(world: World) -> None:
    """Theirs was merged into that of somebody who was erased."""
    own, other = feedback(1), feedback(2, identifiers=(phone("13900001111"),))
    await world.consume(about(own), about(other))
    await world.actions.merge(Seen(TENANT, case_id(own)), case_id(other), STAFF)
    assert (await erase(world, item("f2"), names=Names()))["cases"] == 1
    await show(world, signal(own))
    assert await outcomes(world) == {"signal-1": "opened"}
