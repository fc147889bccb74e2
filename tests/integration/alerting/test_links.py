"""Signed links: a preview does nothing, a click acts once as its member, and nobody learns more."""

import asyncio
import re
from collections.abc import AsyncIterator
from datetime import timedelta

import httpx
import pytest
from prometheus_client import REGISTRY

from heedful.alerting.api import links as api
from heedful.alerting.links import LinkAction, Links, Wanted, store
from heedful.alerting.links.acting import LinkSteps
from heedful.alerting.links.following import Following
from heedful.alerting.links.link import SAMPLE
from heedful.alerting.links.pacing import Pacing
from heedful.alerting.people import Member, Position
from heedful.alerting.people import store as members
from heedful.common.quota.bucket import Rate
from tests.integration.alerting.calling import calling
from tests.integration.alerting.world import World, case_id, contact, enriched, feedback
from tests.integration.conftest import OTHER_TENANT, TENANT

BASE = "https://heedful.example.com"
LIFE = timedelta(hours=24)
RED = feedback()
ID = case_id(RED)
WANG = Member("wang.fang", "王芳", Position.LEAD)
BURST = 20
AT_COMMIT_NOTHING = """
CREATE FUNCTION alerting.refuse() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'not today'; END $$;

CREATE CONSTRAINT TRIGGER at_commit AFTER UPDATE ON alerting.link
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION alerting.refuse()
"""


@pytest.fixture
async def client(world: World) -> AsyncIterator[httpx.AsyncClient]:
    """Somebody's browser: it has no key."""
    following = Following(world.database, LinkSteps(world.ledger), lambda: None)
    pacing = Pacing(Rate(per_second=1, burst=BURST))
    async with calling(
        world.platform,
        [api.router(following, pacing, lambda: 0.0)],
        key=None,
        base_url=BASE,
        faults_are_500=True,
    ) as made:
        yield made


async def url(
    world: World,
    case: str = ID,
    *,
    tenant: str = TENANT,
    member: str = WANG.id,
    action: LinkAction = LinkAction.ACKNOWLEDGE,
) -> str | None:
    async with world.database.begin() as (connection, now):
        wanted = [Wanted(tenant, case, member, action)]
        (made,) = await Links(BASE + "/", LIFE).make_all(connection, now, wanted)
        return made


@pytest.fixture
async def link(world: World) -> str:
    """To acknowledge a case that is open, for a member."""
    await world.consume(enriched(RED))
    async with world.database.begin() as (connection, now):
        await members.put(connection, now, TENANT, [WANG])
    made = await url(world)
    assert made is not None
    return made


def said(answer: httpx.Response, status: int, words: str) -> None:
    assert answer.status_code == status, answer.text
    assert words in answer.text
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert "default-src 'none'" in answer.headers["content-security-policy"]


async def test_a_click_acts_as_the_member_and_burns_the_link(
    client: httpx.AsyncClient, world: World, link: str
) -> None:
    said(await client.post(link), 200, "Done")
    assert await world.kinds(ID) == [("opened", None), ("acknowledged", None)]
    (event,) = await world.query(
        "SELECT actor_type, actor_id FROM alerting.case_event WHERE kind = 'acknowledged'"
    )
    assert tuple(event) == ("human", "wang.fang")
    said(await client.post(link), 410, "was used")
    said(await client.get(link), 410, "was used")
    assert len(await world.kinds(ID)) == 2


async def test_a_claim_makes_the_member_its_owner_and_takes_it_from_nobody(
    client: httpx.AsyncClient, world: World, link: str
) -> None:
    async with world.database.begin() as (connection, now):
        await members.put(connection, now, TENANT, [Member("li.si", "李四", Position.AGENT)])
    mine = await url(world, action=LinkAction.CLAIM)
    theirs = await url(world, member="li.si", action=LinkAction.CLAIM)
    assert mine is not None
    assert theirs is not None
    said(await client.get(mine), 200, "认领 · Claim")
    said(await client.post(mine), 200, "Done")
    said(await client.post(theirs), 409, "faster")
    assert (await world.case(ID)).owner == "wang.fang"


async def test_a_preview_changes_nothing(
    client: httpx.AsyncClient, world: World, link: str
) -> None:
    for _ in range(3):
        said(await client.get(link), 200, "王芳")
        assert (await client.head(link)).status_code == 200
    assert await world.kinds(ID) == [("opened", None)]
    (row,) = await world.query("SELECT used_at FROM alerting.link")
    assert row.used_at is None
    said(await client.post(link), 200, "Done")


async def test_the_page_says_who_acts_on_which_case_and_no_more(
    client: httpx.AsyncClient, link: str
) -> None:
    page = (await client.get(link)).text
    assert ID in page
    assert not [word for word in (RED.text, RED.source, "red", TENANT) if word in page]
    form = re.search(r"<form[^>]*>", page)
    assert form is not None
    assert form[0] == '<form method="post">'


async def test_an_expired_link_says_so(client: httpx.AsyncClient, world: World, link: str) -> None:
    world.now += LIFE
    said(await client.get(link), 410, "expired")
    said(await client.post(link), 410, "expired")
    assert await world.kinds(ID) == [("opened", None)]


@pytest.mark.parametrize("token", ["x", "A" * 43, "%00", "%F0%9F", "x" * 4000])
async def test_an_unknown_token_says_so(client: httpx.AsyncClient, link: str, token: str) -> None:
    said(await client.get(f"/l/{token}"), 404, "not valid")
    said(await client.post(f"/l/{token}"), 404, "not valid")


async def test_what_is_stored_opens_nothing(
    client: httpx.AsyncClient, world: World, link: str
) -> None:
    (row,) = await world.query("SELECT digest FROM alerting.link")
    token = link.rsplit("/", 1)[1]
    assert token.encode() not in bytes(row.digest)
    for stored in (row.digest.hex(), token[:-1], token + "A", token.swapcase()):
        said(await client.post(f"/l/{stored}"), 404, "not valid")


async def test_two_clicks_at_once_are_one(
    client: httpx.AsyncClient, world: World, link: str
) -> None:
    answers = await asyncio.gather(*(client.post(link) for _ in range(5)))
    assert sorted(one.status_code for one in answers) == [200, 410, 410, 410, 410]
    assert len(await world.kinds(ID)) == 2


async def test_who_comes_too_late_is_told(
    client: httpx.AsyncClient, world: World, link: str
) -> None:
    other = await url(world)
    assert other is not None
    said(await client.post(other), 200, "Done")
    said(await client.post(link), 409, "faster")
    said(await client.post(link), 410, "was used")
    assert len(await world.kinds(ID)) == 2


async def test_a_click_that_fails_burns_nothing(
    client: httpx.AsyncClient, world: World, link: str
) -> None:
    async with world.platform.engine.begin() as connection:
        await connection.exec_driver_sql("ALTER TABLE alerting.case_event RENAME TO elsewhere")
    assert (await client.post(link)).status_code >= 500
    async with world.platform.engine.begin() as connection:
        await connection.exec_driver_sql("ALTER TABLE alerting.elsewhere RENAME TO case_event")
    said(await client.post(link), 200, "Done")


async def test_a_click_counts_when_it_is_committed(
    client: httpx.AsyncClient, world: World, link: str
) -> None:
    def counted() -> float:
        labels = {"event": "acknowledged"}
        return REGISTRY.get_sample_value("heedful_alerting_cases_total", labels) or 0.0

    before = counted()
    async with world.platform.engine.begin() as connection:
        for statement in AT_COMMIT_NOTHING.split(";\n\n"):
            await connection.exec_driver_sql(statement)
    assert (await client.post(link)).status_code >= 500
    assert counted() == before
    async with world.platform.engine.begin() as connection:
        await connection.exec_driver_sql("DROP TRIGGER at_commit ON alerting.link")
    said(await client.post(link), 200, "Done")
    assert counted() == before + 1


async def test_an_answered_case_says_so(client: httpx.AsyncClient, world: World, link: str) -> None:
    await world.consume(contact())
    said(await client.get(link), 409, "has been contacted")
    said(await client.post(link), 409, "has been contacted")
    said(await client.post(link), 410, "was used")
    assert await world.kinds(ID) == [("opened", None), ("responded", "respond")]


async def test_who_looks_too_late_is_told_before_the_click(
    client: httpx.AsyncClient, world: World, link: str
) -> None:
    other = await url(world)
    assert other is not None
    said(await client.post(other), 200, "Done")
    said(await client.get(link), 409, "faster")


async def test_a_sample_does_nothing_and_says_so(client: httpx.AsyncClient, link: str) -> None:
    said(await client.get(f"/l/{SAMPLE}"), 200, "sample link")
    said(await client.post(f"/l/{SAMPLE}"), 200, "sample link")


async def test_a_link_leads_to_no_case_of_another_tenant(
    client: httpx.AsyncClient, world: World, link: str
) -> None:
    async with world.database.begin() as (connection, now):
        await members.put(connection, now, OTHER_TENANT, [WANG])
    strange = await url(world, tenant=OTHER_TENANT)
    assert strange is not None
    assert (await client.post(strange)).status_code == 409
    assert await world.kinds(ID) == [("opened", None)]


async def test_a_link_ends_with_its_member(
    client: httpx.AsyncClient, world: World, link: str
) -> None:
    async with world.database.begin() as (connection, _):
        await members.delete(connection, TENANT, [WANG.id])
    said(await client.post(link), 404, "no longer a member")
    assert await url(world) is None


async def test_without_a_public_url_there_are_no_links(world: World, link: str) -> None:
    async with world.database.begin() as (connection, now):
        wanted = [Wanted(TENANT, ID, WANG.id, LinkAction.ACKNOWLEDGE)]
        made = await Links(None, LIFE).make_all(connection, now, wanted)
    assert made == [None]


async def test_an_address_that_asks_too_often_waits(client: httpx.AsyncClient, link: str) -> None:
    for _ in range(BURST):
        await client.get("/l/x")
    answer = await client.post(link)
    said(answer, 429, "Too many")
    assert answer.headers["retry-after"] == "1"


async def test_old_links_are_forgotten(world: World, link: str) -> None:
    async with world.database.begin() as (connection, now):
        await store.prune(connection, now + LIFE)
    assert len(await world.query("SELECT 1 FROM alerting.link")) == 1
    async with world.database.begin() as (connection, now):
        await store.prune(connection, now + LIFE + timedelta(seconds=1))
    assert await world.query("SELECT 1 FROM alerting.link") == []


async def test_links_are_no_part_of_the_api(client: httpx.AsyncClient) -> None:
    assert not [
        path for path in (await client.get("/openapi.json")).json()["paths"] if "/l/" in path
    ]
