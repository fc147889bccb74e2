"""Which cases a figure is of."""

from datetime import UTC, datetime, timedelta

from heedful.alerting.figures.filters import Filters

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def test_without_filters_the_tenant_is_left() -> None:
    assert Filters().where("c") == "c.tenant = :tenant"
    assert Filters().values("acme", NOW) == {"tenant": "acme", "now": NOW}


def test_all_of_them() -> None:
    chosen = Filters("new", "red", "li", "east", "app", "price", True, timedelta(hours=72), True)
    assert chosen.where("c").split(" AND ") == [
        "c.tenant = :tenant",
        *(f"c.{name} = :{name}" for name in ("state", "colour", "owner", "team", "touchpoint")),
        "c.topic = :topic",
        "c.owner IS NULL",
        "c.received_at <= :older",
        "c.open",
    ]
    assert Filters(open=False).where("c") == "c.tenant = :tenant AND NOT c.open"
    assert chosen.values("acme", NOW)["older"] == NOW - timedelta(hours=72)
    assert chosen.values("acme", NOW)["topic"] == "price"
