"""What a team enters: answers of colleagues, abilities and decisions."""

from typing import Any

import pytest

from heedful.common.contracts import Colour
from heedful.common.security import Scope
from tests.integration.conftest import OTHER_API_KEY, TENANT
from tests.integration.journey.world import NOW, Journey, problem
from tests.keys import make_key
from tests.unit.journey.material import feedback

ANSWERS, PRIORITIES = "/v1/alignment/answers", "/v1/priorities"


async def post(journey: Journey, path: str, **body: Any) -> dict[str, Any]:
    answer = await journey.client.post(path, json=body)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


async def test_answers_of_colleagues_are_compared(journey: Journey) -> None:
    await journey.consume(
        *(feedback(n, f"customer_id:c{n}", topics=["queue"]) for n in range(3)),
        feedback(9, "customer_id:c9", topics=["price"]),
    )
    for person in "abc":
        made = await post(
            journey, ANSWERS, role="sales", answered_by=person, topics=["price", "queue"]
        )
        assert made["quarter"] == "2026-Q4"
        assert made["entered_at"] == NOW.isoformat().replace("+00:00", "Z")
    report = await journey.get("/v1/insights/alignment")
    rows = {row["cells"]["role"]: row["cells"] for row in report["rows"]}
    assert rows["sales"]["people"] == 3
    assert rows["sales"]["w"] == 1
    assert rows["sales"]["measured"] == "queue, price"
    assert rows["sales"]["distance"]["value"] > 0


async def test_a_second_answer_replaces_the_first(journey: Journey) -> None:
    await post(journey, ANSWERS, role="sales", answered_by="a", topics=["price"])
    await post(journey, ANSWERS, role="design", answered_by="a", topics=["queue"])
    await post(journey, ANSWERS, role="sales", answered_by="a", topics=["queue"], quarter="2026-Q3")
    items = await journey.pages(ANSWERS, limit=1)
    assert [(one["quarter"], one["role"], one["topics"]) for one in items] == [
        ("2026-Q3", "sales", ["queue"]),
        ("2026-Q4", "design", ["queue"]),
    ]
    assert [one["quarter"] for one in await journey.pages(ANSWERS, quarter="2026-Q3")] == [
        "2026-Q3"
    ]
    await post(journey, ANSWERS, role="sales", topics=["price"])
    by = {one["answered_by"] for one in await journey.pages(ANSWERS)}
    assert by == {"a", items[0]["entered_by"]}


async def test_the_log_of_priorities_keeps_everything(journey: Journey) -> None:
    await journey.consume(
        *(feedback(n, f"customer_id:c{n}", topics=["queue"], colour=Colour.RED) for n in range(3))
    )
    await post(journey, PRIORITIES, topic="queue", ability=4)
    await post(journey, PRIORITIES, topic="queue", decision="do")
    await post(journey, PRIORITIES, topic="queue", decision="wont_do", reason="the lease ends")
    await post(journey, PRIORITIES, topic="price", ability=1, decision="later")
    log = await journey.pages(PRIORITIES, limit=1)
    assert [(one["topic"], one["ability"], one["decision"]) for one in log] == [
        ("price", 1, "later"),
        ("queue", None, "wont_do"),
        ("queue", None, "do"),
        ("queue", 4, None),
    ]
    assert len(await journey.pages(PRIORITIES, topic="queue", limit=2)) == 3
    report = await journey.get("/v1/insights/priorities", at_least="1", to="2026-11-25T00:00:00Z")
    queue = {row["cells"]["topic"]: row["cells"] for row in report["rows"]}["queue"]
    assert (queue["ability"], queue["decision"], queue["reason"]) == (
        4,
        "wont_do",
        "the lease ends",
    )
    assert queue["quadrant"] == "do_now"
    before = await journey.get("/v1/insights/priorities", to="2026-11-24T00:00:00Z")
    assert {row["cells"].get("decision") for row in before["rows"]} <= {None}


@pytest.mark.parametrize(
    ("path", "body"),
    [
        (ANSWERS, {"role": "sales", "topics": []}),
        (ANSWERS, {"role": "sales", "topics": ["a", "a"]}),
        (ANSWERS, {"role": "sales", "topics": ["a"], "quarter": "2026-Q5"}),
        (PRIORITIES, {"topic": "queue"}),
        (PRIORITIES, {"topic": "queue", "ability": 6}),
        (PRIORITIES, {"topic": "queue", "decision": "wont_do"}),
    ],
)
async def test_what_is_incomplete_is_refused(
    journey: Journey, path: str, body: dict[str, Any]
) -> None:
    problem(await journey.client.post(path, json=body), 422, "invalid")


@pytest.mark.parametrize("path", [ANSWERS, PRIORITIES])
async def test_who_may(journey: Journey, path: str) -> None:
    _, reader = await make_key(journey.platform.engine, TENANT, [Scope.JOURNEY_READ], NOW)
    headers = {"X-API-Key": reader}
    body = {"role": "sales", "topics": ["a"]} if path == ANSWERS else {"topic": "a", "ability": 1}
    problem(await journey.client.post(path, json=body, headers=headers), 403, "forbidden")
    await post(journey, path, **body)
    assert len((await journey.client.get(path, headers=headers)).json()["items"]) == 1
    other = await journey.client.get(path, headers={"X-API-Key": OTHER_API_KEY})
    assert other.json()["items"] == []
