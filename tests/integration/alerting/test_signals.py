"""Signals of journey: one case for a matter, by the tenant's policy, once, and of what is news."""

import asyncio
from datetime import timedelta
from itertools import pairwise
from typing import Any

import orjson
import pytest
from prometheus_client import REGISTRY

from heedful.alerting.actions import Seen
from heedful.alerting.case import Case
from heedful.alerting.policies.builtin import builtin
from heedful.alerting.policies.document import PolicyDocument
from heedful.alerting.policies.signals import Effect, SignalRule
from heedful.alerting.states import State
from heedful.common.contracts import (
    Actor,
    ActorType,
    Colour,
    Identifier,
    IdentifierType,
    JourneySignal,
    SignalKind,
)
from tests.integration.alerting.locks import merging
from tests.integration.alerting.signals import (
    TOPIC,
    about,
    outcomes,
    own_case,
    show,
    signal,
    silence,
)
from tests.integration.alerting.world import (
    HOUR,
    T0,
    World,
    case_id,
    contact,
    feedback,
    phone,
)
from tests.integration.conftest import TENANT

STAFF = Actor(type=ActorType.HUMAN, id="staff-17")
DAY = 24 * HOUR


async def cases(world: World) -> list[Any]:
    return list(await world.query("SELECT * FROM alerting.cases ORDER BY opened_at, id"))


async def notices(world: World) -> list[dict[str, Any]]:
    rows = await world.query("SELECT body FROM alerting.delivery ORDER BY created_at, event_type")
    return [orjson.loads(row.body) for row in rows]


def use(world: World, *rules: SignalRule, **changes: Any) -> None:
    """The built-in policy with these entries for signals."""
    document: PolicyDocument = builtin(DAY, 2 * DAY, 3 * DAY, HOUR)
    world.rulebook.default = document.model_copy(update={"signals": rules, **changes})


async def test_a_third_contact_opens_a_case_whose_clocks_run_from_when_it_showed(
    world: World,
) -> None:
    await world.add_endpoint("https://example.com/")
    world.now += HOUR
    last = feedback(3)
    shown = signal(feedback(1), feedback(2), last, detected_at=T0 + HOUR / 2)
    await show(world, shown)
    (case,) = await cases(world)
    assert (case.id, case.colour, case.rule) == (own_case(shown), "red", "red")
    assert (case.topic, case.touchpoint, case.received_at) == (TOPIC, "touchpoint-3", T0 + HOUR / 2)
    assert (case.source, case.feedback_id, case.late_source) == ("calls", "f3", False)
    assert await world.kinds(case.id) == [("opened", None)]
    (event,) = await world.query("SELECT * FROM alerting.case_event")
    assert (event.feedback_id, event.detail["signal"]) == (None, shown.id)
    respond = (await world.case(case.id)).deadlines.respond
    assert respond == T0 + HOUR / 2 + DAY
    (notice,) = await notices(world)
    assert (notice["type"], notice["data"]["reasons"][0]["code"]) == (
        "case.opened",
        "repeated_contact",
    )
    assert notice["data"]["signal"]["summary_zh"] == shown.summary_zh
    assert world.woken
    (row,) = await world.query("SELECT * FROM alerting.signal")
    assert (row.outcome, row.case_id, row.customer_id) == ("opened", case.id, "customer-1")
    assert [one["id"] for one in row.evidence] == ["f1", "f2", "f3"]


async def test_a_replay_changes_nothing(world: World) -> None:
    shown, counted = signal(feedback()), taken()
    await show(world, shown, shown)
    tables = ("cases", "case_event", "signal", "clock", "timer", "case_key", "case_feedback")
    before = [await world.query(f"SELECT * FROM alerting.{name}") for name in tables]  # noqa: S608
    world.now += HOUR
    await show(world, shown)
    after = [await world.query(f"SELECT * FROM alerting.{name}") for name in tables]  # noqa: S608
    assert after == before
    assert taken() - counted == 1


def taken() -> float:
    """How many signals have opened a case."""
    labels = {"kind": "repeated_contact", "outcome": "opened"}
    return REGISTRY.get_sample_value("heedful_alerting_signals_total", labels) or 0.0


async def test_two_replicas_open_one_case(world: World) -> None:
    """Of one customer, by two signals at one time."""
    one, other = signal(feedback(1)), signal(feedback(2), number=2)
    await asyncio.gather(
        world.consume(one, by=world.signals), world.consume(other, by=world.signal_handler())
    )
    assert len(await cases(world)) == 1
    assert sorted((await outcomes(world)).values()) == ["joined", "opened"]


async def test_what_it_shows_by_is_on_a_case_already(world: World) -> None:
    await world.add_endpoint("https://example.com/")
    amber, last = feedback(1, touchpoint="shop"), feedback(2, touchpoint="app")
    use(world, *PolicyDocument.model_fields["signals"].default)
    await world.consume(about(last))
    (case,) = await cases(world)
    await show(world, signal(amber, last))
    assert len(await cases(world)) == 1
    assert await world.kinds(case.id) == [("opened", None), ("signalled", None)]
    assert [one["code"] for one in (await cases(world))[0].reasons] == ["fire"]
    told = [one for one in await notices(world) if one["type"] == "case.signalled"]
    assert [one["data"]["audience"] for one in told] == [["owner", "lead"]]


async def raising(world: World) -> Case:
    """An amber case that a red signal joins after two hours, of which we hear an hour later."""
    use(
        world,
        SignalRule(name="all", effect=Effect.OPEN, notify=()),
        rules=builtin(DAY, 2 * DAY, 3 * DAY, HOUR).rules,
    )
    first = feedback(1)
    complaint = about(first, Colour.AMBER).model_copy(update={"needs_response": True})
    await world.consume(complaint)
    shown = signal(first, detected_at=world.now + 2 * HOUR)
    world.now += 3 * HOUR
    await show(world, shown)
    return await world.case(case_id(first))


async def test_a_red_signal_raises_an_amber_case_from_when_it_showed(world: World) -> None:
    case = await raising(world)
    assert (case.colour, case.rule) == (Colour.RED, "red")
    assert case.deadlines.respond == T0 + 26 * HOUR
    assert case.deadlines.plan == T0 + 48 * HOUR
    kinds = [kind for kind, _ in await world.kinds(case_id(feedback(1)))]
    assert kinds == ["opened", "signalled", "severity_changed"]
    (row,) = await cases(world)
    assert row.reasons[0]["code"] == "repeated_contact"


async def test_the_matter_is_the_topic_whatever_the_touchpoint(world: World) -> None:
    on_topic, other = feedback(1, touchpoint="shop"), feedback(2, touchpoint="app")
    await world.consume(about(on_topic), about(other, topic="bill.wrong"))
    await show(
        world,
        signal(feedback(7)),
        signal(feedback(8), number=2, topics=("app.crash",)),
        signal(feedback(9), number=3, identifiers=(phone("13900001111"),)),
    )
    assert await outcomes(world) == {
        "signal-1": "joined", "signal-2": "opened", "signal-3": "opened",
    }  # fmt: skip
    assert ("signalled", None) in await world.kinds(case_id(on_topic))
    assert ("signalled", None) not in await world.kinds(case_id(other))


async def test_what_it_shows_by_is_on_a_case_that_was_merged_into_others(world: World) -> None:
    """The case that people work on now is about something else, and of somebody else."""
    first = feedback(1, conversation_id=None)
    others = [feedback(number, identifiers=(phone(f"1390000111{number}"),)) for number in (2, 3)]
    await world.consume(about(first), *(about(one, topic="bill.wrong") for one in others))
    into = [case_id(first), *map(case_id, others)]
    for gone, case in pairwise(into):
        await world.actions.merge(Seen(TENANT, gone), case, STAFF)
    await show(world, signal(first, topics=("app.crash",)))
    (placed,) = await world.query("SELECT * FROM alerting.signal")
    assert (placed.outcome, placed.case_id) == ("joined", into[-1])


async def test_it_joins_what_its_case_is_merged_into_meanwhile(world: World) -> None:
    first, other = feedback(1), feedback(2, identifiers=(phone("13900001111"),))
    await world.consume(about(first), about(other))
    async with merging(world, case_id(first), case_id(other), STAFF) as later:
        later.append(asyncio.create_task(show(world, signal(first))))
    (placed,) = await world.query("SELECT * FROM alerting.signal")
    assert (placed.outcome, placed.case_id) == ("joined", case_id(other))
    assert ("signalled", None) in await world.kinds(case_id(other))


async def test_a_device_is_nobody_in_particular(world: World) -> None:
    device = (Identifier(type=IdentifierType.DEVICE, value="d-1"),)
    first = feedback(1, identifiers=device, conversation_id=None)
    await world.consume(about(first))
    shown: dict[str, Any] = {"identifiers": device, "trigger": None, "evidence": ()}
    await show(world, signal(conversation_id=None, **shown))
    assert await outcomes(world) == {"signal-1": "opened"}


@pytest.mark.parametrize("colour", [Colour.RED, Colour.AMBER, Colour.GREEN])
async def test_the_signal_may_come_before_the_labels_of_what_it_shows_by(
    world: World, colour: Colour
) -> None:
    """It is on the case already, so what it is about makes no other one, and the case is the one
    that the labels would have opened: a replay may find them the other way round."""
    last = feedback(3, conversation_id=None)
    await world.consume(last)
    await show(world, signal(last))
    await world.consume(about(last, colour, topic="bill.wrong"))
    assert len(await cases(world)) == 1
    case = await world.case(case_id(last))
    assert (case.colour, case.state) == (Colour.RED, State.NEW)
    world.now += HOUR
    await world.watch.step()
    assert len(await cases(world)) == 1


async def test_labels_that_came_before_tell_of_its_department(world: World) -> None:
    last = feedback(3, department="logistics", attributes={"region": "east"})
    await world.consume(about(last, Colour.GREEN))
    assert await cases(world) == []
    await show(world, signal(last))
    (case,) = await cases(world)
    assert (case.department, case.region, case.colour) == ("logistics", "east", "red")
    (linked,) = await world.query("SELECT * FROM alerting.case_feedback")
    assert (linked.feedback_id, linked.colour, linked.classified) == ("f3", "green", True)


async def test_silence_only_joins_an_open_case_of_the_same_customer(world: World) -> None:
    await show(world, silence())
    (unplaced,) = await world.query("SELECT * FROM alerting.signal")
    assert (unplaced.outcome, unplaced.case_id, unplaced.customer_id) == ("unplaced", None, None)
    assert (unplaced.summary_zh, unplaced.summary_en, unplaced.evidence) == ("", "", [])
    await world.consume(about(feedback(1, touchpoint="shop")))
    await show(world, silence(2))
    assert (await outcomes(world))["signal-2"] == "joined"
    assert len(await cases(world)) == 1


async def test_history_and_what_the_policy_ignores_open_nothing(world: World) -> None:
    use(world, SignalRule(name="red", colours=frozenset({Colour.RED}), effect=Effect.OPEN))
    world.now = T0 + timedelta(days=3)
    await show(
        world,
        signal(feedback(1), detected_at=T0 - timedelta(seconds=1)),
        silence(2, detected_at=world.now),
        signal(feedback(3), number=3, detected_at=T0),
    )
    assert await outcomes(world) == {
        "signal-1": "late", "signal-2": "ignored", "signal-3": "opened",
    }  # fmt: skip
    assert len(await cases(world)) == 1


async def test_clocks_of_what_showed_before_they_are_enforced_are_only_shown(world: World) -> None:
    use(world, SignalRule(name="all", effect=Effect.OPEN), enforce_from=T0 + timedelta(seconds=1))
    await show(world, signal(feedback()))
    assert await world.query("SELECT 1 FROM alerting.clock WHERE enforced") == []


async def test_an_entry_gives_light_department_and_rule(world: World) -> None:
    entry = SignalRule(
        name="silent",
        effect=Effect.OPEN,
        colour=Colour.RED,
        rule="waiting",
        department="retention",
    )
    use(world, entry)
    await show(world, silence())
    (case,) = await cases(world)
    assert (case.colour, case.department, case.rule) == ("red", "retention", "waiting")
    assert (case.source, case.feedback_id, case.channel) == ("heedful-journey", "signal-1", "other")
    assert await world.query("SELECT 1 FROM alerting.case_feedback") == []
    await show(world, silence(2))
    assert (await outcomes(world))["signal-2"] == "joined"


async def settled(world: World) -> str:
    """A case that was answered and closed."""
    first = feedback(1)
    await world.consume(about(first))
    case = case_id(first)
    world.now += HOUR
    await world.respond(case, STAFF)
    await world.acknowledge(case, STAFF)
    await world.plan(case, STAFF)
    await world.land(case, STAFF)
    await world.close(case, STAFF)
    world.now += HOUR
    return case


async def test_what_was_said_since_reopens_what_was_settled(world: World) -> None:
    case = await settled(world)
    await show(world, signal(feedback(2), detected_at=world.now))
    assert await outcomes(world) == {"signal-1": "reopened"}
    found = await world.case(case)
    assert (found.state, found.cycle) == (State.NEW, 2)
    assert found.deadlines.respond == world.now + DAY


async def test_silence_and_what_is_dealt_with_already_reopen_nothing(world: World) -> None:
    case = await settled(world)
    stuck: dict[str, Any] = {"kind": SignalKind.JOURNEY_STUCK, "detected_at": world.now}
    await show(
        world,
        signal(feedback(1), detected_at=world.now),
        signal(feedback(2), number=2, **stuck),
    )
    assert set((await outcomes(world)).values()) == {"noted"}
    assert (await world.case(case)).state is State.CLOSED
    assert len(await cases(world)) == 1


async def test_what_may_only_join_does_not_reopen_what_has_landed(world: World) -> None:
    """Nor is a case that keeps its light given other reasons for it."""
    use(world, SignalRule(name="all", effect=Effect.JOIN))
    first = feedback(1)
    await world.consume(about(first, Colour.AMBER).model_copy(update={"needs_response": True}))
    await world.acknowledge(case_id(first), STAFF)
    await world.plan(case_id(first), STAFF)
    await world.land(case_id(first), STAFF)
    await show(world, signal(feedback(2)))
    assert await outcomes(world) == {"signal-1": "noted"}
    (case,) = await cases(world)
    assert (case.state, case.colour, case.reasons[0]["code"]) == ("landed", "amber", "fire")


async def test_long_after_its_end_a_matter_is_another_one(world: World) -> None:
    case = await settled(world)
    world.now += 8 * DAY
    await show(world, signal(feedback(1), detected_at=world.now))
    assert await outcomes(world) == {"signal-1": "opened"}
    assert (await world.case(case)).state is State.CLOSED
    assert len(await cases(world)) == 2


async def test_a_contact_since_answers_its_case_whichever_came_first(world: World) -> None:
    world.now += 2 * HOUR
    await world.consume(contact())
    await show(world, signal(feedback(1)), signal(feedback(2), number=2, topics=("b",)))
    for number in (1, 2):
        case = await world.case(own_case(signal(feedback(), number=number)))
        (respond,) = [one for one in case.clocks if one.metric == "respond"]
        assert respond.fulfilled_at == T0 + HOUR


async def test_a_red_signal_after_the_answer_asks_for_another_one(world: World) -> None:
    first = feedback(1)
    await world.consume(about(first), contact())
    world.now += 3 * HOUR
    await show(world, signal(first, detected_at=world.now))
    case = await world.case(case_id(first))
    assert case.deadlines.respond == world.now + DAY
    assert ("clock_started", "respond") in await world.kinds(case_id(first))


async def test_who_answered_since_it_showed_has_answered_it(world: World) -> None:
    """The signal comes after the contact."""
    first = feedback(1)
    later = {"occurred_at": T0 + 3 * HOUR, "received_at": T0 + 3 * HOUR}
    await world.consume(about(first), contact(1), contact(2, **later))
    world.now += 4 * HOUR
    await show(world, signal(first, detected_at=T0 + 2 * HOUR))
    case = await world.case(case_id(first))
    responses = [one.fulfilled_at for one in case.clocks if one.metric == "respond"]
    assert responses == [T0 + HOUR, T0 + 3 * HOUR]


async def test_feedback_on_its_matter_joins_the_case_that_it_opened(world: World) -> None:
    shown = signal(feedback(1))
    await show(world, shown)
    await world.consume(about(feedback(2, touchpoint="touchpoint-1")))
    assert len(await cases(world)) == 1
    assert ("feedback_linked", None) in await world.kinds(own_case(shown))


async def test_an_older_journey_says_less(world: World) -> None:
    old = JourneySignal(
        **signal(feedback()).model_dump(
            exclude={"trigger", "evidence", "topics", "channel", "touchpoint", "conversation_id"}
        )
    )
    await show(world, old, old.model_copy(update={"id": "signal-2"}))
    assert await outcomes(world) == {"signal-1": "opened", "signal-2": "joined"}
