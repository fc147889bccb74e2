"""`/v1/insights` as its callers see it."""

import asyncio
import csv
import io
import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from pydantic import Field

from heedful.common.contracts import Channel
from heedful.common.security import Scope
from heedful.journey.insights import all as registry
from heedful.journey.insights.facts import Facts
from heedful.journey.insights.insight import Insight, Parameters
from heedful.journey.insights.report import Label, Report, Row, Unit, columns
from tests.integration.conftest import OTHER_API_KEY, TENANT
from tests.integration.journey.world import NOW, Journey, problem, running
from tests.keys import make_key
from tests.unit.journey.material import at, feedback

TITLE = Label(zh="计数", en="A count")
PERIOD = {"from": "2026-11-01T00:00:00Z", "to": "2026-11-20T00:00:00Z"}


class CountParameters(Parameters):
    times: int = 1
    margins: dict[str, float] = Field(default={})
    words: tuple[str, ...] = ()


def count(facts: Facts, asked: CountParameters) -> Report:
    """Counts, and says what it was asked."""
    return Report(
        name="count",
        title=TITLE,
        meaning=TITLE,
        customers=len(facts.customers),
        events=len(facts) * asked.times,
        figures={"asked": asked.model_dump_json(exclude_defaults=True)},
        columns=columns(("word", "词", "Word", Unit.TEXT), ("n", "数", "n", Unit.RATIO)),
        rows=[Row(cells={"word": "=1+1", "n": float("nan")}, customers=1)],
    )


@pytest.fixture
def insight(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Puts an insight in."""

    def put(compute: Callable[[Facts, Any], Report] = count, **told: Any) -> None:
        one = Insight("count", TITLE, CountParameters, compute, **told)
        monkeypatch.setattr(registry, "INSIGHTS", {"count": one})

    put()
    return put


async def some(journey: Journey) -> None:
    """Six events of three customers, at two touchpoints; b was gold and is silver."""
    await journey.consume(
        feedback(1, "customer_id:a", touchpoint="store", attributes={"segment": "gold"}),
        feedback(2, "customer_id:a", touchpoint="app"),
        feedback(3, "customer_id:b", touchpoint="store", attributes={"segment": "gold"}),
        feedback(4, "customer_id:b", touchpoint="app", attributes={"segment": "silver"}),
        feedback(5, "customer_id:c", touchpoint="app"),
        feedback(6, touchpoint="app"),
    )


async def test_every_insight_is_listed_with_what_may_be_asked(journey: Journey) -> None:
    items = (await journey.get("/v1/insights"))["items"]
    assert [item["name"] for item in items] == list(registry.INSIGHTS)
    for item in items:
        assert item["title"]["zh"]
        assert {"touchpoint", "segment"} <= item["parameters"]["properties"].keys()


async def test_every_insight_answers_of_nothing_and_of_little(journey: Journey) -> None:
    for _ in range(2):
        for name in registry.INSIGHTS:
            report = await journey.get(f"/v1/insights/{name}", **PERIOD)
            assert report["name"] == name
            assert (report["since"], report["until"]) == tuple(PERIOD.values())
        await some(journey)


@pytest.mark.usefixtures("insight")
async def test_events_of_the_period_the_touchpoint_and_the_segment(journey: Journey) -> None:
    await some(journey)

    async def counted(**asked: str) -> tuple[int, int]:
        found = await journey.get("/v1/insights/count", **{**PERIOD, **asked})
        return found["events"], found["customers"]

    assert await counted() == (6, 3)
    assert await counted(**{"from": at(2).isoformat(), "to": at(4).isoformat()}) == (2, 2)
    assert await counted(touchpoint="store") == (2, 2)
    assert await counted(segment="gold") == (2, 1)
    assert await counted(segment="silver") == (2, 1)
    assert await counted(segment="silver", touchpoint="app") == (1, 1)
    assert await counted(segment="none") == (0, 0)


@pytest.mark.usefixtures("insight")
async def test_by_default_the_last_year(journey: Journey) -> None:
    found = await journey.get("/v1/insights/count")
    assert found["until"] == NOW.isoformat().replace("+00:00", "Z")
    assert found["since"] == (NOW - timedelta(days=365)).isoformat().replace("+00:00", "Z")


@pytest.mark.usefixtures("insight")
async def test_its_own_parameters(journey: Journey) -> None:
    found = await journey.get(
        "/v1/insights/count", times="2", margins='{"a": 0.5}', words=["x", "y"]
    )
    assert found["figures"]["asked"] == '{"times":2,"margins":{"a":0.5},"words":["x","y"]}'


@pytest.mark.usefixtures("insight")
@pytest.mark.parametrize(
    ("asked", "at"),
    [
        ("times=two", "query.times"),
        ("colour=red", "query.colour"),
        ("margins=%7Bno", "query.margins"),
        ("from=yesterday", "query.from"),
        ("segment=", "query.segment"),
        ("format=xml", "query.format"),
    ],
)
async def test_what_is_none_of_its_parameters_is_said(
    journey: Journey, asked: str, at: str
) -> None:
    answer = await journey.client.get(f"/v1/insights/count?{asked}")
    (error,) = problem(answer, 422, "invalid")["errors"]
    assert error["at"] == at


async def test_what_the_team_entered_is_read_and_not_asked_for(
    journey: Journey, insight: Callable[..., None]
) -> None:
    insight(stored=("words",))
    answer = await journey.client.get("/v1/insights/count?words=x")
    assert problem(answer, 422, "invalid")["errors"][0]["at"] == "query.words"
    (item,) = (await journey.get("/v1/insights"))["items"]
    assert "words" not in item["parameters"]["properties"]


@pytest.mark.usefixtures("insight")
async def test_as_a_file(journey: Journey) -> None:
    asked: list[tuple[dict[str, str], str]] = [
        ({"format": "csv"}, "*/*"),
        ({}, "text/csv"),
        ({}, "text/csv;q=0.9, application/json;q=0.1"),
    ]
    for params, accept in asked:
        answer = await journey.client.get(
            "/v1/insights/count", params=params, headers={"Accept": accept}
        )
        assert answer.headers["content-type"] == "text/csv; charset=utf-8"
        assert "count.csv" in answer.headers["content-disposition"]
        table = list(csv.reader(io.StringIO(answer.text.removeprefix("\ufeff"))))
        assert table == [
            ["word", "n", "customers", "grey", "why"],
            ["'=1+1", "nan", "1", "false", ""],
        ]
    answer = await journey.client.get(
        "/v1/insights/count?format=json", headers={"Accept": "text/csv"}
    )
    assert answer.json()["rows"][0]["cells"] == {"word": "=1+1", "n": None}


@pytest.mark.usefixtures("insight")
async def test_refusals(journey: Journey) -> None:
    problem(await journey.client.get("/v1/insights/none"), 404, "not-found")
    backwards = "/v1/insights/count?from=2026-11-02T00:00:00Z&to=2026-11-01T00:00:00Z"
    problem(await journey.client.get(backwards), 400, "bad-range")
    early = "/v1/insights/count?to=0001-01-01T00:00:00Z"
    problem(await journey.client.get(early), 400, "bad-range")
    _, writer = await make_key(journey.platform.engine, TENANT, [Scope.FEEDBACK_WRITE], NOW)
    answer = await journey.client.get("/v1/insights", headers={"X-API-Key": writer})
    problem(answer, 403, "forbidden")


async def test_a_tenant_sees_its_own(journey: Journey, insight: Callable[..., None]) -> None:
    insight()
    await some(journey)
    answer = await journey.client.get(
        "/v1/insights/count", params=PERIOD, headers={"X-API-Key": OTHER_API_KEY}
    )
    assert (answer.json()["events"], answer.json()["customers"]) == (0, 0)


@pytest.mark.usefixtures("insight")
async def test_too_many_events_say_from_when_it_would_do(
    journey: Journey, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HEEDFUL_JOURNEY__INSIGHT_EVENTS", "4")
    async with running(journey.platform) as small:
        await some(small)
        answer = await small.client.get("/v1/insights/count", params=PERIOD)
        found = problem(answer, 422, "too-many-events")
        assert (found["events"], found["limit"]) == (6, 4)
        again = await small.get("/v1/insights/count", **{**PERIOD, "from": found["from"]})
        assert again["events"] == 4


async def test_what_takes_too_long_is_given_up(
    journey: Journey, insight: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """And what has taken its place is as many as may be at once, not one more."""
    going, inside, most = threading.Event(), 0, 0

    def slow(facts: Facts, asked: CountParameters) -> Report:
        nonlocal inside, most
        inside += 1
        most = max(most, inside)
        going.wait(30)
        inside -= 1
        return count(facts, asked)

    insight(slow)
    monkeypatch.setenv("HEEDFUL_JOURNEY__INSIGHT_SECONDS", "0.2")
    monkeypatch.setenv("HEEDFUL_JOURNEY__INSIGHTS_AT_ONCE", "1")
    async with running(journey.platform) as hurried:
        answers = await asyncio.gather(
            *(hurried.client.get("/v1/insights/count") for _ in range(3))
        )
        going.set()
        for answer in answers:
            assert "shorter period" in problem(answer, 503, "unavailable")["detail"]
            assert answer.headers["retry-after"]
    assert most == 1


async def test_an_employees_note_is_no_customers_voice(journey: Journey) -> None:
    for number in range(3):
        await journey.consume(
            feedback(
                number,
                channel=Channel.EMPLOYEE,
                topics=["queue"],
                attributes={"reported_by": f"staff-{number}"},
            ),
            feedback(10 + number, f"customer_id:c{number}", topics=["price"]),
        )
    report = await journey.get("/v1/insights/employee-voice", **PERIOD)
    assert report["state"] == "too_few"
    assert report["figures"] == {"reporters": 3}
    assert {row["cells"]["topic"]: row["cells"]["notes"] for row in report["rows"]} == {
        "queue": 3,
        "price": 0,
    }
