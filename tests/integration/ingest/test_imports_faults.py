"""An import in a world that fails: the process dies, the log is away, keys and leases are lost."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from heedful.common.security.secrets import SecretBox
from heedful.common.service import Platform
from heedful.ingest.import_worker import ImportWorker
from heedful.ingest.importing.report import Counts
from heedful.ingest.importing.rows import Converter
from heedful.ingest.imports import LEASE
from heedful.ingest.rejected_rows import RejectedRows
from heedful.ingest.store_imports import ImportStore
from heedful.ingest.store_quarantine import QuarantineStore
from tests.integration.conftest import OTHER_API_KEY
from tests.integration.ingest.conftest import Start
from tests.integration.ingest.importing import (
    WORKER,
    accepted,
    counts,
    csv_of,
    ended,
    look,
    report,
    rows,
    upload,
)
from tests.integration.ingest.world import Ingest, headers_of
from tests.patience import until

ROWS = 400


def store_of(ingest: Ingest) -> ImportStore:
    return _store(ingest, ingest.platform.secrets)


def _store(ingest: Ingest, box: SecretBox) -> ImportStore:
    engine = ingest.platform.engine
    return ImportStore(engine, box, RejectedRows(engine, QuarantineStore(engine, box), 100))


async def lease_runs_out(ingest: Ingest) -> None:
    async with ingest.platform.engine.begin() as connection:
        await connection.execute(
            text("UPDATE ingest.import SET lease_until = now() - interval '1 second'")
        )


async def until_begun(ingest: Ingest, import_id: str) -> None:
    async def begun() -> bool:
        return sum(counts(await look(ingest, import_id))) > 0

    await until(begun)


@pytest.fixture
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    """A file of few rows has many of them."""
    monkeypatch.setattr("heedful.ingest.import_worker.BATCH_ROWS", 40)


@pytest.mark.usefixtures("small_batches")
async def test_another_process_goes_on_behind_the_last_batch(
    platform: Platform, start: Start
) -> None:
    """The first one is cancelled in the middle, as a kill would leave it: with its lease."""
    first = await start()
    import_id = await accepted(first, csv_of(*rows(ROWS)))
    (part,) = [one for one in first.service.background if one.name == WORKER]
    running = asyncio.create_task(part.run())
    await until_begun(first, import_id)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    done = sum(counts(await look(first, import_id)))
    assert 0 < done < ROWS
    assert (await look(first, import_id))["state"] == "running"
    second = await start(platform)
    await lease_runs_out(second)
    async with second.beside(WORKER):
        one = await ended(second, import_id)
    assert one["state"] == "done"
    imported, duplicate, rejected = counts(one)
    assert (imported + duplicate, rejected) == (ROWS, 0)
    # At most the batch that was under way is told as known.
    assert duplicate <= 40
    lines = await report(second, import_id)
    assert [line[0] for line in lines] == [str(number) for number in range(2, ROWS + 2)]
    ids = {headers_of(record)["ce_id"] for record in await second.records()}
    assert len(ids) == ROWS


@pytest.mark.usefixtures("small_batches")
async def test_a_stop_gives_it_back_at_once(platform: Platform, start: Start) -> None:
    first = await start()
    import_id = await accepted(first, csv_of(*rows(ROWS)))
    async with first.beside(WORKER):
        await until_begun(first, import_id)
    second = await start(platform)
    async with second.beside(WORKER):
        one = await ended(second, import_id)
    assert counts(one) == [ROWS, 0, 0]


async def test_rows_wait_while_the_log_is_away(ingest: Ingest) -> None:
    import_id = await accepted(ingest, csv_of(*rows(50)))
    bus = ingest.platform.bus
    await bus.stop()
    async with ingest.beside(WORKER) as part:

        async def tried() -> bool:
            return bool((await look(ingest, import_id))["state"] == "running")

        await until(tried)
        assert part.healthy(asyncio.get_running_loop().time())
        await bus.start()
        one = await ended(ingest, import_id)
    assert counts(one) == [50, 0, 0]
    assert len(await ingest.records()) == 50


async def test_a_quota_slows_it_and_loses_nothing(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    ingest = await start()
    taken: list[int] = []
    take = ingest.platform.quota.take

    async def counted(spender: Any, *, requests: int = 0, items: int = 0) -> None:
        taken.append(items)
        await take(spender, requests=requests, items=items)

    monkeypatch.setattr(ingest.platform.quota, "take", counted)
    import_id = await accepted(ingest, csv_of(*rows(300)))
    async with ingest.beside(WORKER):
        assert counts(await ended(ingest, import_id)) == [300, 0, 0]
    assert sum(taken) == 300


async def test_who_has_lost_the_lease_writes_nothing(ingest: Ingest) -> None:
    import_id = await accepted(ingest, csv_of(*rows(5)))
    store = store_of(ingest)
    slow = await store.claim("slow", LEASE)
    assert slow is not None
    assert await store.claim("other", LEASE) is None
    await lease_runs_out(ingest)
    heir = await store.claim("heir", LEASE)
    assert heir is not None
    assert not await store.advance(slow, Counts(imported=5), 1, b"x", [], LEASE)
    assert not await store.hold(slow, LEASE)
    assert not await store.end(slow, heir.one.state, None)
    await store.give_back(slow)
    assert await store.claim("third", LEASE) is None
    assert await store.advance(heir, Counts(imported=1, last_row=2), 0.5, b"", [], LEASE)
    assert counts(await look(ingest, import_id)) == [1, 0, 0]


async def test_a_cancel_ends_the_work(ingest: Ingest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("heedful.ingest.import_worker.BATCH_ROWS", 1)
    import_id = await accepted(ingest, csv_of(*rows(3000)))
    async with ingest.beside(WORKER):
        await until_begun(ingest, import_id)
        answer = await ingest.client.post(f"/v1/imports/{import_id}/cancel")
        assert answer.json()["state"] == "cancelled"
        other = await accepted(ingest, csv_of(*rows(2, 5000)))
        assert counts(await ended(ingest, other)) == [2, 0, 0]
    one = await look(ingest, import_id)
    assert one["state"] == "cancelled"
    assert len(await report(ingest, import_id)) == sum(counts(one)) < 3000


async def test_a_key_that_is_gone_is_told(ingest: Ingest) -> None:
    import_id = await accepted(ingest, csv_of(*rows(5)))
    (part,) = [one for one in ingest.service.background if one.name == WORKER]
    assert isinstance(part, ImportWorker)
    part._store = _store(ingest, SecretBox({"other": bytes(32)}))
    async with ingest.beside(WORKER):
        one = await ended(ingest, import_id)
    assert one["state"] == "failed"
    assert "HEEDFUL_SECRET_KEYS" in one["failure"]


async def test_a_fault_of_ours_fails_the_import_and_not_the_service(
    ingest: Ingest, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = await accepted(ingest, csv_of(*rows(5)))

    def fails(_self: Converter, _record: object) -> None:
        raise ZeroDivisionError

    async with ingest.beside(WORKER):
        with monkeypatch.context() as patched:
            patched.setattr(Converter, "convert", fails)
            one = await ended(ingest, broken)
        assert (one["state"], one["failure"]) == ("failed", "an unexpected error; it was logged")
        other = await accepted(ingest, csv_of(*rows(2)))
        assert counts(await ended(ingest, other)) == [2, 0, 0]


async def test_tenants_take_turns(ingest: Ingest) -> None:
    mine = [await accepted(ingest, csv_of(*rows(1, start))) for start in range(3)]
    answer = await upload(ingest, csv_of(*rows(1)), headers={"X-API-Key": OTHER_API_KEY})
    other = answer.json()["id"]
    store = store_of(ingest)
    order = []
    for _ in range(4):
        held = await store.claim("one", LEASE)
        assert held is not None
        order.append(held.one.id)
    assert order.index(other) <= 1
    assert [one for one in order if one != other] == mine


async def test_what_ended_long_ago_is_forgotten_and_uploads_that_never_ended(
    ingest: Ingest,
) -> None:
    import_id = await accepted(ingest, csv_of(*rows(2)))
    async with ingest.beside(WORKER):
        await ended(ingest, import_id)
    store = store_of(ingest)
    async with ingest.platform.engine.begin() as connection:
        await connection.execute(
            text(
                "INSERT INTO ingest.import (id, tenant, state, file_name, counts, created_at,"
                " created_by) VALUES ('im-x', 'acme', 'receiving', '', '{}',"
                " now() - interval '2 hours', 'k')"
            )
        )
    await store.purge(timedelta(days=1))
    assert (await look(ingest, import_id))["state"] == "done"
    await store.purge(timedelta(0))
    assert await store.get("acme", import_id) is None
    async with ingest.platform.engine.connect() as connection:
        found = await connection.scalar(text("SELECT count(*) FROM ingest.import"))
    assert found == 0
