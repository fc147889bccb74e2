"""What may go, by whom it belongs to."""

from datetime import UTC, datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from heedful.common.retention import Kept, Rule

NOW = datetime(2026, 11, 24, tzinfo=UTC)


async def delete(_connection: AsyncConnection, _rule: Rule, _limit: int) -> int:
    return 0


def days(kept: Kept, **wishes: int) -> dict[str | None, int]:
    return {rule.tenant: (NOW - rule.before).days for rule in kept.rules(wishes, NOW)}


def test_the_shorter_of_both_holds() -> None:
    kept = Kept("events", 30, delete)
    assert days(kept) == {None: 30}
    assert days(kept, shop=10, bank=90) == {None: 30, "shop": 10, "bank": 30}


def test_whoever_has_a_rule_is_left_out_of_the_common_one() -> None:
    (own, common) = Kept("events", 30, delete).rules({"shop": 10}, NOW)
    assert own == Rule(NOW - timedelta(days=10), "shop")
    assert common == Rule(NOW - timedelta(days=30), None, ("shop",))
    assert common.values["others"] == ["shop"]


def test_zero_keeps_for_ever_but_for_who_wants_less() -> None:
    kept = Kept("events", 0, delete)
    assert days(kept) == {}
    assert days(kept, shop=10) == {"shop": 10}


def test_what_is_needed_is_kept_whatever_a_tenant_wants() -> None:
    assert days(Kept("accepted", 400, delete, least=30), shop=7, bank=60) == {
        None: 400,
        "shop": 30,
        "bank": 60,
    }


def test_some_things_are_not_the_tenants() -> None:
    assert days(Kept("tombstones", 400, delete, by_tenant=False), shop=7) == {None: 400}
