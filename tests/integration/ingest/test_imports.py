"""Files that are uploaded: taken row by row behind the answer, each row reported."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from sqlalchemy import text

from heedful.common.events import from_record
from heedful.common.topics import FEEDBACK_RECEIVED
from heedful.ingest.api.uploads import Uploads
from tests.integration.conftest import OTHER_API_KEY
from tests.integration.ingest.conftest import Start
from tests.integration.ingest.importing import (
    PATH,
    WORKER,
    accepted,
    counts,
    csv_of,
    ended,
    imported,
    look,
    report,
    rows,
    upload,
)
from tests.integration.ingest.world import Ingest, body_of, problem
from tests.unit.ingest.importing.sheets import workbook


@pytest.fixture
async def working(ingest: Ingest) -> AsyncIterator[Ingest]:
    """Ingest with the loop that reads files."""
    async with ingest.beside(WORKER):
        yield ingest


BAD = (",2026-11-01,5,", "慢,昨天,1,")


async def pieces(ingest: Ingest) -> int:
    async with ingest.platform.engine.connect() as connection:
        return int(await connection.scalar(text("SELECT count(*) FROM ingest.import_chunk")) or 0)


async def test_rows_are_in_the_log_and_each_is_reported(working: Ingest) -> None:
    one = await imported(working, csv_of(*rows(500), *BAD))
    assert (one["state"], counts(one), one["fraction"]) == ("done", [500, 0, 2], 1)
    assert (one["file_name"], one["backfill"], one["source"]) == ("reviews.csv", True, "shop")
    assert one["mapping"]["text"] == "评价内容"
    lines = await report(working, one["id"])
    assert [line[0] for line in lines] == [str(number) for number in range(2, 504)]
    assert lines[0][1:] == ["imported", lines[0][2], ""]
    assert [line[1] for line in lines[-2:]] == ["rejected", "rejected"]
    assert lines[-1][3].startswith("评价时间: is relative")
    records = await working.records()
    assert len(records) == 500
    payload = body_of(records[0])
    assert payload["backfill"] is True
    assert payload["provenance"]["adapter"] == "import"
    assert payload["provenance"]["mapping"]["occurred_at"] == "评价时间"
    for record in records:
        from_record(record, FEEDBACK_RECEIVED)


async def test_the_same_file_again_is_all_duplicates(working: Ingest) -> None:
    content = csv_of(*rows(300))
    await imported(working, content)
    again = await imported(working, content)
    assert counts(again) == [0, 300, 0]
    assert len(await working.records()) == 300


async def test_an_excel_file_and_json_lines(working: Ingest) -> None:
    sheet = workbook(
        ("评价内容", "评价时间", "星级"), ("慢", "2026-11-01", 1), ("快", "2026-11-02", 5)
    )
    lines = b"".join(
        b'{"text": "%s", "created_at": "2026-11-01T00:00:00Z"}\n' % word for word in (b"ok", b"")
    )
    assert counts(await imported(working, sheet, name="r.xlsx")) == [2, 0, 0]
    assert counts(await imported(working, lines, name="r.jsonl")) == [1, 0, 1]


async def test_a_file_of_several_pieces(ingest: Ingest) -> None:
    many = [f"{row},{'长' * 4000}" for row in rows(300)]
    content = csv_of(*many, head=f"{'评价内容,评价时间,星级,手机号'},备注")
    assert len(content) > 3 * 1024 * 1024
    import_id = await accepted(ingest, content)
    assert await pieces(ingest) == 4
    async with ingest.beside(WORKER):
        assert counts(await ended(ingest, import_id)) == [300, 0, 0]
    assert await pieces(ingest) == 0


async def test_the_file_is_sealed_and_not_kept(ingest: Ingest) -> None:
    import_id = await accepted(ingest, csv_of("刹车突然失灵,2026-11-01,1,13900001234"))
    async with ingest.platform.engine.connect() as connection:
        kept = await connection.scalar(text("SELECT sealed FROM ingest.import_chunk"))
    assert "刹车".encode() not in bytes(kept)
    assert b"13900001234" not in bytes(kept)
    async with ingest.beside(WORKER):
        await ended(ingest, import_id)
    assert await pieces(ingest) == 0


async def test_live_rows_are_live_when_that_is_said(working: Ingest) -> None:
    one = await imported(working, csv_of(*rows(1)), backfill="false", touchpoint="review.shop")
    assert one["backfill"] is False
    (record,) = await working.records()
    assert body_of(record)["backfill"] is False
    assert body_of(record)["touchpoint"] == "review.shop"


async def test_columns_and_scale_can_be_given(working: Ingest) -> None:
    content = csv_of("慢,2026-11-01,8,x", head="甲,乙,丙,丁")
    one = await imported(
        working,
        content,
        map=["text=甲", "occurred_at=乙", "score=丙", "attributes.shelf=丁"],
        header_row="1",
        scale="nps",
        timezone="UTC",
    )
    assert counts(one) == [1, 0, 0]
    (record,) = await working.records()
    found = body_of(record)
    assert found["score"] == {"kind": "nps", "value": 8, "minimum": 0, "maximum": 10}
    assert found["attributes"] == {"shelf": "x"}
    assert found["occurred_at"] == "2026-11-01T00:00:00Z"


async def test_a_row_that_was_sent_with_another_body_is_rejected(working: Ingest) -> None:
    head = "评价ID,评价内容,评价时间"
    await imported(working, csv_of("r1,慢,2026-11-01", "r2,慢,2026-11-01", head=head))
    again = await imported(working, csv_of("r1,快,2026-11-01", "r2,慢,2026-11-01", head=head))
    assert counts(again) == [0, 1, 1]
    assert "another body" in (await report(working, again["id"]))[0][3]


async def test_a_file_that_breaks_off_is_taken_until_there(working: Ingest) -> None:
    content = csv_of(*rows(1500), '"' + "没有结束," * 300_000)
    one = await imported(working, content)
    assert (one["state"], counts(one)) == ("failed", [1500, 0, 0])
    assert "begins in line 1502" in one["failure"]
    assert len(await report(working, one["id"])) == 1500


async def test_more_rows_than_are_taken(start: Start) -> None:
    ingest = await start(IMPORT_MAX_ROWS=1200)
    async with ingest.beside(WORKER):
        one = await imported(ingest, csv_of(*rows(1300)))
    assert (one["state"], counts(one)) == ("failed", [1199, 0, 0])
    assert "more than 1,200 rows" in one["failure"]


async def test_an_import_is_cancelled(ingest: Ingest) -> None:
    import_id = await accepted(ingest, csv_of(*rows(10)))
    answer = await ingest.client.post(f"{PATH}/{import_id}/cancel")
    assert answer.json()["state"] == "cancelled"
    assert await pieces(ingest) == 0
    async with ingest.beside(WORKER):
        other = await ended(ingest, await accepted(ingest, csv_of(*rows(3))))
    assert counts(other) == [3, 0, 0]
    assert counts(await look(ingest, import_id)) == [0, 0, 0]
    problem(await ingest.client.post(f"{PATH}/{import_id}/cancel"), 409, "ended")


async def test_a_list_of_them_has_pages(ingest: Ingest) -> None:
    ids = [await accepted(ingest, csv_of(*rows(1, start))) for start in range(5)]
    found: list[str] = []
    cursor: str | None = None
    while True:
        params: dict[str, Any] = {"limit": 2, **({"cursor": cursor} if cursor else {})}
        page = (await ingest.client.get(PATH, params=params)).json()
        found += [one["id"] for one in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert found == ids[::-1]


async def test_another_tenant_sees_nothing_of_it(ingest: Ingest) -> None:
    import_id = await accepted(ingest, csv_of(*rows(1)))
    other = {"X-API-Key": OTHER_API_KEY}
    assert (await ingest.client.get(PATH, headers=other)).json()["items"] == []
    for method, path in (("GET", ""), ("GET", "/report"), ("POST", "/cancel")):
        answer = await ingest.client.request(method, f"{PATH}/{import_id}{path}", headers=other)
        problem(answer, 404, "not-found")
    assert (await look(ingest, import_id))["state"] == "waiting"


async def test_a_dry_run_takes_nothing_and_tells_everything(ingest: Ingest) -> None:
    answer = await upload(ingest, csv_of(*rows(20), *BAD), dry_run=True)
    assert answer.status_code == 200, answer.text
    found = answer.json()
    assert {one["column"]: one["target"] for one in found["columns"]} == {
        "评价内容": "text",
        "评价时间": "occurred_at",
        "星级": "score",
        "手机号": "phone",
    }
    assert all(one["reason"] for one in found["columns"])
    assert (found["scale"], found["timezone"]) == ("stars 1-5", "Asia/Shanghai")
    assert (found["rows"]["valid"], found["rows"]["rejected"]) == (20, 2)
    assert found["complete"] is True
    assert found["first_rows"][0]["item"]["text"] == "第0条意见"
    assert await ingest.records() == []
    assert await pieces(ingest) == 0
    assert (await ingest.client.get(PATH)).json()["items"] == []
    assert (await ingest.client.get("/v1/quarantine")).json()["items"] == []


async def test_a_dry_run_of_a_large_file_looks_at_its_beginning(
    ingest: Ingest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("heedful.ingest.import_check.CHECKED_ROWS", 1000)
    found = (await upload(ingest, csv_of(*rows(2500)), dry_run=True)).json()
    assert (found["complete"], found["rows"]["valid"]) == (False, 1000)


async def test_what_is_missing_is_told_with_what_was_guessed(ingest: Ingest) -> None:
    answer = await upload(ingest, csv_of(*rows(5)), channel="")
    body = problem(answer, 422, "import-incomplete")
    assert "review" in body["missing"][0]
    assert body["columns"][0]["target"] == "text"
    assert (await upload(ingest, csv_of(*rows(5)), channel="", dry_run=True)).status_code == 200


async def test_what_is_in_doubt_is_taken_when_it_is_agreed_to(ingest: Ingest) -> None:
    content = csv_of("第一次来，老板娘送了一份小菜,2026-11-01", head="甲,乙")
    body = problem(await upload(ingest, content, header_row="1"), 422, "import-in-doubt")
    assert body["doubts"]
    assert await pieces(ingest) == 0
    async with ingest.beside(WORKER):
        one = await imported(ingest, content, header_row="1", accept_guesses="true")
    assert counts(one) == [1, 0, 0]


async def test_so_many_imports_of_a_tenant_wait_at_most(start: Start) -> None:
    ingest = await start(IMPORT_MAX_WAITING=2)
    for start_at in range(2):
        await accepted(ingest, csv_of(*rows(1, start_at)))
    answer = await upload(ingest, csv_of(*rows(1)))
    problem(answer, 429, "too-many-imports")
    assert int(answer.headers["retry-after"]) > 0
    other = await upload(ingest, csv_of(*rows(1)), headers={"X-API-Key": OTHER_API_KEY})
    assert other.status_code == 202


async def test_so_many_uploads_at_once_at_most(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = Uploads.__init__

    def none_left(self: Uploads, *given: Any, **named: Any) -> None:
        made(self, *given, **{**named, "most_at_once": 0})

    monkeypatch.setattr(Uploads, "__init__", none_left)
    answer = await upload(await start(), csv_of(*rows(1)))
    problem(answer, 503, "unavailable")
    assert int(answer.headers["retry-after"]) > 0
