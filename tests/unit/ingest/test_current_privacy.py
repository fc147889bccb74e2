"""Privacy settings while the database comes and goes."""

from collections.abc import Mapping

import pytest

from heedful.common.refreshed import EVERY_S, NotRead, Refreshed
from heedful.ingest.current_privacy import DEFAULT, CurrentPrivacy
from heedful.ingest.privacy import Privacy
from heedful.ingest.redaction import Mode

HASH = Privacy(redaction=Mode.HASH)


class Table:
    """The table, which may be away."""

    def __init__(self) -> None:
        self.rows: dict[str, Privacy] = {}
        self.away = False

    async def all(self) -> Mapping[str, Privacy]:
        if self.away:
            raise OSError("away")
        return dict(self.rows)


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def table() -> Table:
    return Table()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def current(table: Table, clock: Clock) -> CurrentPrivacy:
    return CurrentPrivacy(Refreshed("privacy settings", table.all, clock=clock))


async def test_who_never_chose_has_the_defaults(current: CurrentPrivacy, table: Table) -> None:
    table.rows["other"] = HASH
    assert await current.of("acme") == DEFAULT
    assert await current.of("other") == HASH


async def test_a_first_read_that_fails_is_told(current: CurrentPrivacy, table: Table) -> None:
    """Nothing is published under settings that may not be the tenant's."""
    table.away = True
    with pytest.raises(NotRead):
        await current.of("acme")


async def test_settings_are_kept_while_the_database_is_away(
    current: CurrentPrivacy, table: Table, clock: Clock
) -> None:
    table.rows["acme"] = HASH
    assert await current.of("acme") == HASH
    table.away = True
    clock.now += 15 * 60
    assert await current.of("acme") == HASH


async def test_a_change_of_another_process_is_seen_after_ten_seconds(
    current: CurrentPrivacy, table: Table, clock: Clock
) -> None:
    assert await current.of("acme") == DEFAULT
    table.rows["acme"] = HASH
    clock.now += EVERY_S - 0.1
    assert await current.of("acme") == DEFAULT
    clock.now += 0.1
    assert await current.of("acme") == HASH


async def test_a_change_of_this_process_is_seen_at_once(
    current: CurrentPrivacy, table: Table
) -> None:
    assert await current.of("acme") == DEFAULT
    table.rows["acme"] = HASH
    current.changed()
    assert await current.of("acme") == HASH
