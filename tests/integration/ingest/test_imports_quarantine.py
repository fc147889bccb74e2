"""Rows that an import did not take: in quarantine once, mended, sent again, or discarded."""

from collections.abc import AsyncIterator
from typing import Any

import orjson
import pytest

from heedful.ingest.store_imports import ImportStore
from tests.integration.ingest.conftest import Start
from tests.integration.ingest.importing import WORKER, counts, csv_of, imported, report, rows
from tests.integration.ingest.test_channels import quarantined
from tests.integration.ingest.world import Ingest, body_of, problem

PATH = "/v1/quarantine"
BAD = (",2026-11-01,5,", "慢,昨天,1,13900001234", "慢,昨天,1,13900001234")
SENT: dict[str, Any] = {
    "import_id": f"im-{7:032x}",
    "source": "shop",
    "mapping": {"text": "评价内容"},
    "rows": [
        {
            "row": 5,
            "reason": "invalid",
            "detail": "评价时间: is relative",
            "fields": {"id": "r5", "channel": "review", "text": "慢", "occurred_at": "昨天"},
        }
    ],
}


@pytest.fixture
async def working(ingest: Ingest) -> AsyncIterator[Ingest]:
    async with ingest.beside(WORKER):
        yield ingest


async def test_rejected_rows_are_kept_with_their_numbers_and_reasons(working: Ingest) -> None:
    one = await imported(working, csv_of(*rows(3), *BAD))
    assert counts(one) == [3, 0, 3]
    kept = {entry["row"]: entry for entry in await quarantined(working)}
    lines = [line for line in await report(working, one["id"]) if line[1] == "rejected"]
    assert {row: entry["detail"] for row, entry in kept.items()} == {
        int(line[0]): line[3] for line in lines
    }
    assert sorted(kept) == [5, 6, 7]
    entry = kept[6]
    assert (entry["import_id"], entry["channel"], entry["reason"]) == (
        one["id"],
        "import",
        "invalid",
    )
    assert entry["connection_id"] is None
    shown = (await working.client.get(f"{PATH}/{entry['id']}")).json()
    assert (shown["item"]["text"], shown["item"]["occurred_at"]) == ("慢", "昨天")
    assert shown["mapping"]["occurred_at"] == "评价时间"


async def test_a_mended_row_is_history_like_its_file_whatever_is_put(working: Ingest) -> None:
    await imported(working, csv_of(*rows(1), BAD[1]))
    (entry,) = await quarantined(working)
    path = f"{PATH}/{entry['id']}"
    item = (await working.client.get(path)).json()["item"]
    item |= {"occurred_at": "2026-11-01T08:00:00Z", "backfill": False, "source": "elsewhere"}
    mended = await working.client.put(path, json={"item": item})
    assert mended.json()["mapping"]["occurred_at"].startswith("mended by ")
    done = await working.post(f"{path}/replay", {})
    assert done.json()["state"] == "replayed", done.text
    record = (await working.records())[-1]
    found = body_of(record)
    assert (found["source"], found["backfill"], found["text"]) == ("shop", True, "慢")
    assert found["provenance"]["adapter"] == "import"
    assert found["received_at"] == entry["received_at"]


async def test_a_batch_that_is_done_again_is_kept_once(
    ingest: Ingest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A process that dies behind a batch and before it is written down."""
    advance, lost = ImportStore.advance, [False]

    async def once(self: ImportStore, *given: Any) -> bool:
        if not lost[0]:
            lost[0] = True
            raise OSError("the process is gone")
        return await advance(self, *given)

    monkeypatch.setattr(ImportStore, "advance", once)
    async with ingest.beside(WORKER):
        one = await imported(ingest, csv_of(*rows(2), *BAD))
        await imported(ingest, csv_of(*rows(2), *BAD))
    assert counts(one) == [0, 2, 3]
    assert sorted(entry["row"] for entry in await quarantined(ingest)) == [4, 5, 6]


async def test_rows_that_ingest_refuses_are_sent_again_when_it_does_not(working: Ingest) -> None:
    standard = {"feedback": {"required": ["conversation_id"]}}
    await working.client.put("/v1/standards/review", json=standard)
    one = await imported(working, csv_of(*rows(2)))
    assert {entry["reason"] for entry in await quarantined(working)} == {"unfit"}
    await working.client.delete("/v1/standards/review")
    done = await working.post(f"{PATH}/replay", {"import_id": one["id"]})
    assert [entry["state"] for entry in done.json()] == ["replayed"] * 2
    assert counts(await imported(working, csv_of(*rows(2)))) == [0, 2, 0]


async def test_so_many_rows_of_an_import_are_kept(start: Start) -> None:
    ingest = await start(IMPORT_MAX_QUARANTINED=2)
    async with ingest.beside(WORKER):
        one = await imported(ingest, csv_of(*rows(1), *BAD))
    assert counts(one) == [1, 0, 3]
    assert sorted(entry["row"] for entry in await quarantined(ingest)) == [3, 4]


async def test_a_command_keeps_its_rows_once_also_when_they_were_discarded(ingest: Ingest) -> None:
    for expected in ({"kept": 1, "left_out": 0},) * 2:
        assert (await ingest.post(PATH, SENT)).json() == expected
    (entry,) = await quarantined(ingest)
    assert (entry["row"], entry["import_id"]) == (5, SENT["import_id"])
    await ingest.post(f"{PATH}/{entry['id']}/discard", {})
    await ingest.post(PATH, SENT)
    assert await quarantined(ingest) == []


async def test_two_rows_that_say_the_same_are_two(ingest: Ingest) -> None:
    (row,) = SENT["rows"]
    await ingest.post(PATH, {**SENT, "rows": [row, {**row, "row": 6}]})
    assert sorted(entry["row"] for entry in await quarantined(ingest)) == [5, 6]


async def test_where_rows_come_from_is_said_for_all_of_them(ingest: Ingest) -> None:
    (row,) = SENT["rows"]
    fields = {**row["fields"], "source": "elsewhere", "backfill": False}
    await ingest.post(PATH, {**SENT, "rows": [{**row, "fields": fields}]})
    (entry,) = await quarantined(ingest)
    item = (await ingest.client.get(f"{PATH}/{entry['id']}")).json()["item"]
    assert (item["source"], item["backfill"]) == ("shop", True)


async def test_what_an_import_left_is_discarded_at_once(working: Ingest) -> None:
    one = await imported(working, csv_of(*rows(1), *BAD))
    await working.post(PATH, SENT)
    problem(await working.post(f"{PATH}/discard", {}), 422, "nothing-chosen")
    done = await working.post(f"{PATH}/discard", {"import_id": one["id"]})
    assert done.json() == {"discarded": 3}
    assert [entry["import_id"] for entry in await quarantined(working)] == [SENT["import_id"]]


@pytest.mark.parametrize(
    "changes",
    [{"import_id": "im-1"}, {"rows": []}, {"rows": [{"row": 0}]}, {"backfill": "no"}],
)
async def test_rows_of_another_shape_are_refused(ingest: Ingest, changes: dict[str, Any]) -> None:
    problem(await ingest.post(PATH, orjson.dumps({**SENT, **changes})), 422, "invalid")
    assert await quarantined(ingest) == []
