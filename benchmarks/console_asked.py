"""The pages of the console and their parts, as a benchmark asks them. Not a benchmark."""

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import httpx

from benchmarks.console_server import objects

_WORDS: Final = ("退款", "刹车", "宽带", "等了很久", "app", "发票", "服务员", "refund")


@dataclass(frozen=True, slots=True)
class Asked:
    """A page or a part of one: where it is asked, of which object each time."""

    name: str
    paths: Sequence[str]
    form: Sequence[Mapping[str, str]] = ()
    rounds: int | None = None

    @property
    def is_slow(self) -> bool:
        """It reads a whole period, as a part that comes after its page."""
        return self.rounds is not None


def pages(services: httpx.Client, csrf: str) -> Iterator[Asked]:
    """Every page and part, of objects that differ."""
    chance = random.Random(1)  # noqa: S311  # not for secrets
    cases = objects(services, "/v1/cases?open=true&sort=due", "id", 1000)
    cases += objects(services, "/v1/cases?open=true", "id", 1000)
    customers = objects(services, "/v1/journeys", "customer_id", 1000)
    deliveries = objects(services, "/v1/deliveries", "id", 100)
    endpoints = objects(services, "/v1/endpoints", "id", 10)
    entries = objects(services, "/v1/quarantine", "id", 100)
    for some in (cases, customers, deliveries, entries):
        chance.shuffle(some)
    second = services.get("/v1/cases?open=true&sort=due&limit=50").json()["next_cursor"]
    owners = [f"agent-{n}" for n in range(40)]

    yield Asked("board", ["/board"])
    yield Asked("board, filtered", [f"/board?owner={one}" for one in owners])
    yield Asked("board, red, one touchpoint", ["/board?colour=red&touchpoint=store.visit"])
    yield Asked("board, settled", ["/board?tab=settled"])
    yield Asked("board: its list", ["/board/list"])
    yield Asked("board: the next page", [f"/board/list?cursor={second}"])
    # Asked anew for each owner; the same figures are kept for ten seconds.
    yield Asked("board: figures of one owner", [f"/board/figures?owner={x}" for x in owners])
    spread = ["", *(f"?colour={one}" for one in ("red", "amber"))]
    yield Asked("board: figures of all", [f"/board/figures{one}" for one in spread], rounds=3)
    yield Asked("case", [f"/cases/{one}" for one in cases])
    yield Asked("case: around it", [f"/cases/{one}/around" for one in cases])
    yield Asked("map", ["/map"])
    yield Asked("map: the journey, 7 days", ["/map/journey?days=7"], rounds=2)
    yield Asked("map: the journey, 90 days", ["/map/journey?days=90"], rounds=2)
    yield Asked("map: the journey, 365 days", ["/map/journey?days=365"], rounds=2)
    yield Asked("customers", ["/customers"])
    yield Asked(
        "customers: where they stand", ["/customers/standing", "/customers/standing?stuck=true"]
    )
    yield Asked("customers: may be one person", ["/customers/suggestions"])
    names = [
        {"csrf": csrf, "kind": "customer_id", "value": f"YQ1001{n:02}~{n}"} for n in range(1, 19)
    ]
    yield Asked("customers: found by a number", ["/customers/find"], names)
    yield Asked("customer", [f"/customers/{one}" for one in customers])
    yield Asked("customer: timeline", [f"/customers/{one}/timeline" for one in customers])
    yield Asked("customer: signals, value", [f"/customers/{one}/outlook" for one in customers])
    yield Asked("customer: sessions", [f"/customers/{one}/sessions" for one in customers])
    yield Asked("search", ["/search"])
    yield Asked("search: by words", [f"/search/found?q={x}&mode=text" for x in _WORDS])
    yield Asked(
        "search: by meaning", [f"/search/found?q={x}&mode=vector" for x in _WORDS], rounds=8
    )
    yield Asked("search: both", [f"/search/found?q={x}" for x in _WORDS], rounds=8)
    yield Asked("search: newest red", ["/search/found?light=red"])
    yield Asked(
        "search: red at a touchpoint", ["/search/found?light=red&touchpoint=dealer.service"]
    )
    yield Asked(
        "search: words, filtered",
        [f"/search/found?q={x}&mode=text&light=red&days=90" for x in _WORDS],
        rounds=8,
    )
    yield Asked("insights", ["/insights"])
    known = objects(services, "/v1/insights", "name", 100)
    yield Asked("an insight", [f"/insights/{one}" for one in known])
    for one in known:
        yield Asked(f"{one}: its report, 365 days", [f"/insights/{one}/report"], rounds=1)
    yield Asked("delivery", ["/delivery"])
    yield Asked("endpoint", [f"/delivery/endpoints/{one}" for one in endpoints])
    yield Asked("messages", ["/delivery/messages", "/delivery/messages?state=failed"])
    yield Asked("message", [f"/delivery/messages/{one}" for one in deliveries])
    yield Asked("policies", ["/policies"])
    yield Asked("policy", ["/policies/0"])
    yield Asked("calendars", ["/calendars"])
    yield Asked("quarantine", ["/quarantine"])
    yield Asked("entry of the quarantine", [f"/quarantine/{one}" for one in entries])
    yield Asked("imports", ["/imports"])
    yield Asked("health", ["/health-status"])
    yield Asked("dead letters", ["/dead-letters"])
    yield Asked("people", ["/people"])
