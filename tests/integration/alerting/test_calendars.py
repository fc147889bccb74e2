"""`/v1/calendars`: versions are kept, one is active, and what is wrong is told."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from heedful.alerting import store_calendars
from heedful.alerting.api import calendar_days, calendar_previews, calendar_versions, calendars
from heedful.alerting.calendars import ALWAYS
from tests.integration.alerting.calling import calling
from tests.integration.alerting.world import World, enriched, feedback
from tests.integration.conftest import OTHER_API_KEY, OTHER_TENANT, TENANT

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday")
OFFICE: dict[str, Any] = {
    "zone": "Asia/Shanghai",
    "week": {day: ["09:00-18:00"] for day in DAYS},
    "public_holidays": {"region": "CN"},
}
SHORTER = {**OFFICE, "week": {day: ["10:00-16:00"] for day in DAYS}, "note": "winter"}
PATH = "/v1/calendars/office-cn"


@pytest.fixture
async def client(world: World) -> AsyncIterator[httpx.AsyncClient]:
    auth = world.platform.auth
    routers = [
        calendars.router(world.database, auth),
        calendar_versions.router(world.database, world.rulebook, auth),
        calendar_previews.router(world.database, auth),
        calendar_days.router(world.database, auth),
    ]
    async with calling(world.platform, routers) as made:
        yield made


async def put(client: httpx.AsyncClient, body: Any, path: str = PATH) -> dict[str, Any]:
    answer = await client.put(path, json=body)
    found: dict[str, Any] = answer.raise_for_status().json()
    return found


async def test_a_calendar_from_its_first_version_to_a_change(client: httpx.AsyncClient) -> None:
    first = await put(client, OFFICE)
    assert (first["ref"], first["created"], first["active"]) == ("office-cn@1", True, False)
    assert first["public_holidays"] == {"region": "CN", "known_through": 2026}
    assert first["created_at"] == "2026-03-01T08:00:00Z"
    activated = (await client.post(f"{PATH}/versions/1/activate")).json()
    assert activated["active"]
    assert activated["created_by"].startswith("system:env-")
    second = await put(client, SHORTER)
    assert (second["ref"], second["note"], second["active"]) == ("office-cn@2", "winter", False)
    calendar = (await client.get(PATH)).json()
    assert (calendar["active_version"], calendar["newest"]["version"]) == (1, 2)
    kept = (await client.get(f"{PATH}/versions/1")).json()
    assert kept["active"]
    assert kept["document"]["week"]["monday"] == ["09:00-18:00"]
    assert kept["document"]["public_holidays"]["make_up_like"] == "monday"


async def test_the_same_makes_no_version(client: httpx.AsyncClient) -> None:
    await put(client, OFFICE)
    again = await put(client, {**OFFICE, "note": "really?"})
    assert (again["version"], again["created"], again["note"]) == (1, False, None)
    await put(client, SHORTER)
    assert (await put(client, OFFICE))["version"] == 3


async def test_two_at_once_make_two_versions(client: httpx.AsyncClient) -> None:
    made = await asyncio.gather(put(client, OFFICE), put(client, SHORTER))
    assert sorted(one["version"] for one in made) == [1, 2]


async def test_an_old_version_is_activated_again(client: httpx.AsyncClient) -> None:
    for body in (OFFICE, SHORTER):
        await put(client, body)
    for version in (2, 1):
        await client.post(f"{PATH}/versions/{version}/activate")
    items = (await client.get(f"{PATH}/versions")).json()["items"]
    assert [(one["version"], one["active"]) for one in items] == [(2, False), (1, True)]


async def test_lists_page_through_everything(client: httpx.AsyncClient) -> None:
    for number in range(5):
        await put(client, OFFICE, f"/v1/calendars/office-{number}")
        await put(client, {**OFFICE, "holidays": [f"2026-12-0{number + 1}"]})
    names = [*(f"office-{number}" for number in range(5)), "office-cn"]
    for path, key, expected in (
        ("/v1/calendars", "name", names),
        (f"{PATH}/versions", "version", [5, 4, 3, 2, 1]),
    ):
        seen: list[Any] = []
        params: dict[str, Any] = {"limit": 2}
        while True:
            page = (await client.get(path, params=params)).json()
            seen += [one[key] for one in page["items"]]
            if page["next_cursor"] is None:
                break
            params["cursor"] = page["next_cursor"]
        assert seen == expected


async def test_what_is_wrong_is_told_with_its_place(client: httpx.AsyncClient) -> None:
    wrong = {**OFFICE, "zone": "Asia/Peking", "holidays": ["1.10."], "hours": 9}
    problem = (await client.put(PATH, json=wrong)).json()
    assert problem["type"].endswith("/invalid")
    assert sorted(one["at"] for one in problem["errors"]) == [
        "body.holidays.0",
        "body.hours",
        "body.zone",
    ]
    wrong = {**OFFICE, "extra": [{"date": "2026-10-01", "like": "sunday"}]}
    answer = await client.put(PATH, json=wrong)
    assert answer.status_code == 422
    assert answer.json()["type"].endswith("/bad-calendar")
    assert answer.json()["errors"] == [
        {
            "at": "body.extra.0.like",
            "message": "sunday has no hours in week; name a weekday that has some",
        }
    ]
    assert (await client.get(PATH)).status_code == 404


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", PATH, 404),
        ("GET", f"{PATH}/versions", 404),
        ("GET", f"{PATH}/versions/1", 404),
        ("POST", f"{PATH}/versions/1/activate", 404),
        ("GET", f"{PATH}/versions/1/due?start=2026-03-01T08:00:00Z&target_seconds=1", 404),
        ("GET", "/v1/calendars/Office", 422),
        ("GET", f"{PATH}/versions/0", 422),
        ("GET", "/v1/calendars?cursor=bad", 400),
        ("GET", f"{PATH}/versions?cursor=WyJ4Il0", 400),
    ],
)
async def test_what_is_not_there(
    client: httpx.AsyncClient, method: str, path: str, status: int
) -> None:
    assert (await client.request(method, path)).status_code == status


async def test_always_is_built_in(client: httpx.AsyncClient) -> None:
    answer = await client.put("/v1/calendars/always", json=OFFICE)
    assert answer.status_code == 409
    assert answer.json()["type"].endswith("/built-in")


async def test_a_deadline_is_tried(client: httpx.AsyncClient) -> None:
    await put(client, OFFICE)
    path, hours = f"{PATH}/versions/1/due", 3600
    params: dict[str, Any] = {"start": "2025-09-30T17:00:00+08:00", "target_seconds": 4 * hours}
    found = (await client.get(path, params=params)).json()
    assert found["due_at"] == "2025-10-09T04:00:00Z"
    assert (found["next_open"], found["guessed"]) == ("2025-09-30T09:00:00Z", False)
    params["start"] = "2026-12-31T17:00:00+08:00"
    found = (await client.get(path, params=params)).json()
    assert (found["due_at"], found["guessed"]) == ("2027-01-01T04:00:00Z", True)
    params["target_seconds"] = 3000 * hours
    answer = await client.get(path, params=params)
    assert answer.status_code == 422
    assert "shorten the target or open the calendar more" in answer.json()["detail"]
    params["start"] = "1990-01-01T00:00:00Z"
    assert "between 2000 and 2100" in (await client.get(path, params=params)).json()["detail"]


async def test_a_month_says_of_each_day_what_is_worked_and_why(client: httpx.AsyncClient) -> None:
    extra = [{"date": "2025-10-18", "hours": ["22:00-24:00"]}]
    await put(client, {**OFFICE, "holidays": ["2025-10-17"], "extra": extra})
    answer = await client.get(f"{PATH}/versions/1/days", params={"year": 2025, "month": 10})
    days = {one["date"][-2:]: (one["hours"], one["said_by"]) for one in answer.json()["days"]}
    assert len(days) == 31
    assert days["01"] == days["08"] == ([], "public_holidays")
    assert days["09"] == (["09:00-18:00"], "week")
    assert days["11"] == (["09:00-18:00"], "public_holidays")
    assert days["12"] == ([], "week")
    assert days["17"] == ([], "holidays")
    assert days["18"] == (["22:00-24:00"], "extra")
    later = await client.get(f"{PATH}/versions/1/days", params={"year": 2027, "month": 10})
    assert all(one["guessed"] for one in later.json()["days"])
    assert (await client.get(f"{PATH}/versions/1/days?year=2025&month=13")).status_code == 422


async def test_a_warning_comes_when_the_end_of_what_is_known_is_near(
    world: World, client: httpx.AsyncClient
) -> None:
    assert (await put(client, OFFICE))["warnings"] == []
    world.now = world.now.replace(month=12)
    (warned,) = (await client.get(PATH)).json()["newest"]["warnings"]
    assert warned["code"] == "public_holidays_unknown"
    assert "2027-01-01" in warned["label_zh"]
    assert "2027-01-01" in warned["label_en"]


async def test_a_tenant_has_no_more_than_it_may_have(
    world: World, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store_calendars, "MAX_CALENDARS", 1)
    await put(client, OFFICE)
    await put(client, SHORTER)
    answer = await client.put("/v1/calendars/another", json=OFFICE)
    assert answer.status_code == 409
    assert answer.json()["type"].endswith("/too-many-calendars")


async def test_tenants_do_not_see_each_other(client: httpx.AsyncClient) -> None:
    await put(client, OFFICE)
    client.headers["X-API-Key"] = OTHER_API_KEY
    assert (await client.get("/v1/calendars")).json()["items"] == []
    assert (await client.get(f"{PATH}/versions/1")).status_code == 404
    assert (await client.post(f"{PATH}/versions/1/activate")).status_code == 404
    assert (await put(client, SHORTER))["version"] == 1


async def test_every_change_is_audited(world: World, client: httpx.AsyncClient) -> None:
    for body in (OFFICE, SHORTER, SHORTER):
        await put(client, body)
    for version in (1, 2):
        await client.post(f"{PATH}/versions/{version}/activate")
    rows = await world.query("SELECT * FROM alerting.audit_entry ORDER BY position")
    assert [(one.action, one.before, one.after["version"]) for one in rows] == [
        ("calendar.put", None, 1),
        ("calendar.put", None, 2),
        ("calendar.activated", None, 1),
        ("calendar.activated", {"version": 1}, 2),
    ]
    assert rows[1].after["note"] == "winter"
    assert rows[1].after["document"]["week"]["monday"] == ["10:00-16:00"]


async def test_what_clocks_ask_of_the_store(world: World, client: httpx.AsyncClient) -> None:
    await put(client, OFFICE)
    await put(client, SHORTER)
    await put(client, OFFICE, "/v1/calendars/never-activated")
    await client.post(f"{PATH}/versions/1/activate")
    async with world.database.begin() as (connection, _):
        active = await store_calendars.active(connection, [TENANT, OTHER_TENANT])
        assert {name: one.ref for name, one in active[TENANT].items()} == {
            "office-cn": "office-cn@1"
        }
        assert OTHER_TENANT not in active
        assert await store_calendars.active(connection) == active
        asked = [(TENANT, "office-cn@2"), (TENANT, ALWAYS.ref), (TENANT, "office-cn@9")]
        found = await store_calendars.versions(connection, asked)
        assert {ref for _, ref in found} == {"office-cn@2", "always@1"}
        again = await store_calendars.versions(connection, asked)
        assert again[TENANT, "office-cn@2"] is found[TENANT, "office-cn@2"]


async def test_a_preview_moves_nothing(world: World, client: httpx.AsyncClient) -> None:
    await world.consume(enriched(feedback()), enriched(feedback(2)))
    await put(client, {**OFFICE, "zone": "UTC", "public_holidays": None})
    found = (await client.get(f"{PATH}/versions/1/preview?of=always&limit=1")).json()
    assert {name: found[name] for name in ("ref", "of", "looked_at", "complete")} == {
        "ref": "office-cn@1",
        "of": "always",
        "looked_at": 6,
        "complete": True,
    }
    assert (found["earlier"], found["later"], found["overdue"]) == (0, 6, 0)
    # Received on Sunday at 8:00; 24 hours of Monday to Wednesday, 9:00 to 18:00.
    (move,) = found["moves"]
    assert (move["metric"], move["calendar"]) == ("respond", "always@1")
    assert (move["due_at"], move["new_due_at"]) == ("2026-03-02T08:00:00Z", "2026-03-04T15:00:00Z")
    assert move["by_seconds"] == 55 * 3600
    dues = await world.query("SELECT min(due_at) AS due_at FROM alerting.clock")
    assert dues[0].due_at == world.now + timedelta(days=1)
    own = (await client.get(f"{PATH}/versions/1/preview")).json()
    assert (own["of"], own["looked_at"], own["moves"]) == ("office-cn", 0, [])
    assert (await client.get(f"{PATH}/versions/2/preview")).status_code == 404


async def test_a_preview_of_a_new_version_knows_of_pauses(
    world: World, client: httpx.AsyncClient
) -> None:
    """48 hours from Sunday on; two hours of Monday the clock stood still."""
    await world.consume(enriched(feedback()))
    plain = {"zone": "UTC", "public_holidays": None}
    await put(client, {**OFFICE, **plain})
    await put(client, {**SHORTER, **plain})
    async with world.database.begin() as (connection, _):
        await connection.execute(
            text(
                """
                UPDATE alerting.clock SET calendar = 'office-cn@1',
                    due_at = '2026-03-09T14:00:00Z',
                    pauses = '[["2026-03-02T10:00:00+00:00", "2026-03-02T12:00:00+00:00"]]'
                WHERE metric = 'plan'
                """
            )
        )
    same = (await client.get(f"{PATH}/versions/1/preview")).json()
    assert (same["looked_at"], same["moves"]) == (1, [])
    found = (await client.get(f"{PATH}/versions/2/preview")).json()
    (move,) = found["moves"]
    assert (move["metric"], move["calendar"]) == ("plan", "office-cn@1")
    assert move["new_due_at"] == "2026-03-12T12:00:00Z"
