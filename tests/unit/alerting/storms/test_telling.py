"""What an issue tells each endpoint."""

from dataclasses import replace
from typing import Any

import orjson

from heedful.alerting.delivery_records import Frozen
from heedful.alerting.endpoint import Listener
from heedful.alerting.recipients import Mention, Recipient
from heedful.alerting.storms.model import Standing
from heedful.alerting.storms.pacing import Look, look
from heedful.alerting.storms.telling import SHOWN, notices
from heedful.alerting.webhook import EventType
from heedful.common.contracts import Colour
from tests.unit.alerting.storms.made import HOUR, MINUTE, NOW, PACE, issue, left, told

STANDING = Standing(cases=60, unsettled=59, red=58)
BASE = "https://heedful.example.com"
BOTH = frozenset({"ep", "other"})


def written(found: list[Frozen]) -> dict[str, dict[str, Any]]:
    """By endpoint."""
    return {one.endpoint_id: orjson.loads(one.body) for one in found}


def flush(look: Look, **changes: Any) -> list[Frozen]:
    return notices(issue(**changes), look, STANDING, (), NOW, BASE)


def test_each_hears_of_what_it_would_have_heard() -> None:
    waiting = [
        left(endpoints=BOTH, case_id="c1", audience=(Recipient.OWNER,)),
        left(endpoints=BOTH, case_id="c2", audience=(Recipient.OWNER, Recipient.LEAD)),
        left(EventType.BREACHED, case_id="c1", audience=(Recipient.MANAGER,)),
        left(colour=Colour.AMBER, case_id="c3", endpoints=frozenset({"other"})),
    ]
    found = written(flush(look(issue(), waiting, 3, NOW)))
    data = found["ep"]["data"]
    assert data["news"] == [
        {"type": "case.breached", "colour": "red", "n": 1},
        {"type": "case.opened", "colour": "red", "n": 2},
    ]
    assert data["gravest"]["type"] == "case.breached"
    assert data["gravest"]["clock"] == "respond"
    assert [one["case_id"] for one in data["children"]] == ["c1", "c2"]
    assert data["children"][0]["url"] == f"{BASE}/v1/cases/c1"
    assert data["audience"] == ["manager", "owner", "lead"]
    assert data["cases"] == {"all": 60, "unsettled": 59, "red": 58}
    assert (data["topic"], data["touchpoint"], data["region"]) == (
        "vehicle.brake",
        "workshop",
        "east",
    )
    assert data["url"] == f"{BASE}/v1/issues/i1"
    assert found["other"]["data"]["news"][-1] == {
        "type": "case.opened",
        "colour": "amber",
        "n": 1,
    }


def test_no_word_of_a_customer_and_nothing_that_leads_to_one_is_in_it() -> None:
    (one,) = flush(look(issue(), [left()], 1, NOW + MINUTE))
    assert b"feedback" not in one.body
    assert b"calls" not in one.body


def test_many_cases_are_counted_and_some_are_named() -> None:
    waiting = [left(case_id=f"c{number:02}") for number in range(60)]
    (one,) = flush(look(issue(), waiting, 60, NOW + MINUTE))
    data = orjson.loads(one.body)["data"]
    assert (len(data["children"]), data["more"]) == (SHOWN, 60 - SHOWN)
    assert data["news"] == [{"type": "case.opened", "colour": "red", "n": 60}]
    assert len(one.body) < 20_000


def test_red_alone_is_urgent_and_fails_over() -> None:
    red, amber = left(endpoints=frozenset({"red"})), left(colour=Colour.AMBER)
    found = {one.endpoint_id: one for one in flush(look(issue(), [red, amber], 2, NOW + MINUTE))}
    assert (found["red"].urgent, found["ep"].urgent) == (True, False)


def test_people_are_called_once() -> None:
    wang, li = Mention("m1", "王芳", {}), Mention("m2", "李伟", {})
    waiting = [left(mentions=(wang,)), left(mentions=(wang, li), case_id="c2")]
    (one,) = flush(look(issue(), waiting, 2, NOW + MINUTE))
    assert [name["name"] for name in orjson.loads(one.mentions)] == ["王芳", "李伟"]


def test_what_an_endpoint_hears_first_is_that_it_opened() -> None:
    opened = {"told_at": NOW - HOUR, "flushes": 3, "told_to": {"ep": NOW - HOUR}}
    known = issue(opened_at=NOW - HOUR, **opened)
    found = look(known, [left(EventType.BREACHED, endpoints=BOTH)], 1, NOW)
    types = {name: one["type"] for name, one in written(flush(found, **opened)).items()}
    assert types == {"ep": "issue.updated", "other": "issue.opened"}


def test_repeats_and_the_end_go_to_those_who_have_heard_of_it() -> None:
    at = NOW - PACE.repeat
    gone = replace(told(at), told_to={"ep": at, "gone": at})
    here = (Listener("ep", "acme", frozenset()), Listener("new", "acme", frozenset()))
    again = notices(gone, look(gone, [], 2, NOW), STANDING, here, NOW, BASE)
    assert [(one.endpoint_id, one.type) for one in again] == [("ep", EventType.ISSUE_UPDATED)]
    assert orjson.loads(again[0].body)["data"]["news"] == []
    ended = told(at, closed_at=NOW)
    last = notices(ended, look(ended, [], 2, NOW), STANDING, here, NOW, BASE)
    assert [(one.endpoint_id, one.type) for one in last] == [("ep", EventType.ISSUE_CLOSED)]


def test_after_the_end_what_waits_for_working_hours_comes_in_them() -> None:
    nine = NOW + HOUR
    ended = told(NOW - MINUTE, closed_at=NOW)
    found = look(ended, [left(not_before=nine)], 1, NOW)
    here = (Listener("ep", "acme", frozenset()),)
    last = notices(ended, found, STANDING, here, NOW, BASE)
    assert [(one.type, one.not_before) for one in last] == [
        (EventType.ISSUE_CLOSED, None),
        (EventType.ISSUE_UPDATED, nine),
    ]
    assert len({one.id for one in last}) == 2


def test_who_asks_for_issues_hears_of_them() -> None:
    asks = Listener("system", "acme", frozenset({"issue.opened", "case.opened"}))
    theirs = replace(asks, id="theirs", tenant="other")
    silent = replace(asks, id="silent", events=frozenset())
    found = look(issue(), [], 2, NOW + MINUTE)
    sent = notices(issue(), found, STANDING, (asks, theirs, silent), NOW, BASE)
    assert [one.endpoint_id for one in sent] == ["system"]
