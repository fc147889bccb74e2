"""`POST /v1/notes`: an employee's note is feedback, and its author no customer."""

from typing import Any

import pytest

from tests.integration.ingest.world import Ingest, body_of, problem

NOTE: dict[str, Any] = {
    "id": "n-1",
    "text": "这周第三个顾客问有没有儿童座椅",
    "reported_by": "staff-17",
    "touchpoint": "store.visit",
}


async def test_a_note_is_feedback_of_the_channel_employee(ingest: Ingest) -> None:
    response = await ingest.post("/v1/notes", NOTE)
    assert (response.status_code, response.json()["status"]) == (202, "accepted")
    (record,) = await ingest.records()
    body = body_of(record)
    assert (body["channel"], body["text"]) == ("employee", NOTE["text"])
    assert body["attributes"] == {"reported_by": "staff-17"}
    assert body["identifiers"] == []
    assert body["touchpoint"] == "store.visit"


async def test_whom_it_is_about_is_the_customer(ingest: Ingest) -> None:
    about = [{"type": "member_card", "value": "M-1"}]
    await ingest.post("/v1/notes", {**NOTE, "about": about})
    (record,) = await ingest.records()
    assert body_of(record)["identifiers"] == about


async def test_the_same_note_again_is_one(ingest: Ingest) -> None:
    await ingest.post("/v1/notes", NOTE)
    again = await ingest.post("/v1/notes", NOTE)
    assert again.json()["status"] == "duplicate"
    assert len(await ingest.records()) == 1


@pytest.mark.parametrize("missing", ["text", "reported_by"])
async def test_what_is_missing_is_named(ingest: Ingest, missing: str) -> None:
    left = {name: value for name, value in NOTE.items() if name != missing}
    found = problem(await ingest.post("/v1/notes", left), 422, "invalid")
    assert found["errors"][0]["at"] == f"body.{missing}"


async def test_a_note_that_says_nothing_is_refused(ingest: Ingest) -> None:
    problem(await ingest.post("/v1/notes", {**NOTE, "text": "  \n "}), 422, "invalid")
