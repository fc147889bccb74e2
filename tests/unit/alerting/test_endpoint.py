"""Which notices an endpoint hears."""

from dataclasses import replace

import pytest

from heedful.alerting.api.event_names import EventName
from heedful.alerting.endpoint import EVERY_TENANT, Listener
from heedful.alerting.endpoint_kinds import EndpointKind, StormNotices
from heedful.alerting.recipients import Recipient
from heedful.alerting.webhook import EventType
from tests.unit.alerting.test_webhook import notice

OPENED = notice()
EVERYTHING = Listener("e", "acme", frozenset())


@pytest.mark.parametrize(
    ("listener", "hears"),
    [
        (EVERYTHING, True),
        (replace(EVERYTHING, tenant=EVERY_TENANT), True),
        (replace(EVERYTHING, tenant="other"), False),
        (replace(EVERYTHING, events=frozenset({"case.opened"})), True),
        (replace(EVERYTHING, events=frozenset({"case.breached"})), False),
    ],
)
def test_tenant_and_event_decide(listener: Listener, hears: bool) -> None:
    assert listener.hears(OPENED) is hears


@pytest.mark.parametrize(
    ("meant", "listens", "hears"),
    [
        ((), {"board"}, True),
        ((Recipient.OWNER,), set(), True),
        ((Recipient.OWNER,), {"board"}, False),
        ((Recipient.OWNER, Recipient.BOARD), {"board"}, True),
    ],
)
def test_so_does_the_audience(meant: tuple[Recipient, ...], listens: set[str], hears: bool) -> None:
    listener = replace(EVERYTHING, audiences=frozenset(listens))
    told = replace(notice(EventType.WARNING), audience=meant)
    assert listener.hears(told) is hears


def test_answers_know_every_event_by_its_name() -> None:
    assert {one.value for one in EventName} == {one.value for one in EventType} | {"other"}


GROUPED = replace(EVERYTHING, kind=EndpointKind.DINGTALK)
PAGER = replace(EVERYTHING, kind=EndpointKind.PAGERDUTY)


@pytest.mark.parametrize(
    ("listener", "type_", "left"),
    [
        (EVERYTHING, EventType.OPENED, False),
        (replace(EVERYTHING, storms=StormNotices.GROUPED), EventType.OPENED, True),
        (GROUPED, EventType.OPENED, True),
        (GROUPED, EventType.BREACHED, True),
        (GROUPED, EventType.CLOSED, True),
        (GROUPED, EventType.REPLY_WANTED, False),
        (replace(GROUPED, storms=StormNotices.EACH), EventType.OPENED, False),
        (PAGER, EventType.OPENED, True),
        (PAGER, EventType.CLOSED, False),
    ],
)
def test_what_a_case_leaves_to_its_issue(listener: Listener, type_: EventType, left: bool) -> None:
    """A pager's incident of a case from before the issue has to end; a system that replies to
    customers hears of each."""
    assert listener.leaves_to_issue(replace(notice(), type=type_)) is left
