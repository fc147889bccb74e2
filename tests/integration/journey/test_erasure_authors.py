"""Who asked for an erasure: the person who acts, not the key that brings the request."""

from collections.abc import AsyncIterator

import pytest

from heedful.common.service import Platform
from tests.integration.journey.erasing import parts
from tests.integration.journey.world import Journey, running
from tests.people import NOW, Console
from tests.unit.journey.history import node_of
from tests.unit.journey.material import feedback

CONSOLE = Console()
LONGEST = 200


@pytest.fixture
async def journey(platform: Platform) -> AsyncIterator[Journey]:
    async with running(CONSOLE.believed(platform, NOW)) as started:
        yield started


@pytest.mark.parametrize("person", ["wang.fang", "w" * LONGEST])
async def test_an_erasure_is_asked_for_by_the_person(journey: Journey, person: str) -> None:
    await journey.consume(feedback(1, "phone:13900001234"))
    customer = node_of("phone:13900001234").id
    headers = CONSOLE.headers(NOW, sub=person, role="admin")
    asked = await journey.client.delete(f"/v1/customers/{customer}", headers=headers)
    assert asked.status_code == 202, asked.text
    author = f"human:{person}"[:LONGEST]
    assert asked.json()["requested_by"] == author
    (part,) = await parts(journey)
    assert part.requested_by == author
