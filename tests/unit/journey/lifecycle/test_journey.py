"""Sessions, stages, waits and what is stuck: of one customer's events, in whatever order."""

import random
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from heedful.common.contracts import ActorType, Direction, InteractionKind
from heedful.journey.lifecycle.events import Happened
from heedful.journey.lifecycle.journey import Journey, journey
from tests.unit.journey.lifecycle.moments import (
    SHIPPED,
    at,
    called_back,
    complained,
    did,
    ordered,
    said,
)

CONTACT, SERVICE = InteractionKind.CONTACT, InteractionKind.SERVICE


def folded(*events: Happened) -> Journey:
    found = journey(events, SHIPPED)
    assert found is not None
    return found


def test_nothing_is_no_journey() -> None:
    assert journey([], SHIPPED) is None


def test_people_move_on_and_back() -> None:
    found = folded(
        did(0, InteractionKind.CAMPAIGN),
        did(10, InteractionKind.BROWSE),
        ordered(20),
        said(30, channel="survey", touchpoint="app.use"),
        did(40, CONTACT, direction=Direction.INBOUND),
        said(50, channel="survey", touchpoint="app.use"),
        ordered(100),
    )
    assert [stay.stage for stay in found.stays] == [
        *("need", "explore", "buy", "use", "service", "use", "repurchase")
    ]
    assert (found.stage, found.entered_at) == ("repurchase", at(100))
    (use,) = (one for one in found.stages if one.stage == "use")
    assert (use.first_entered, use.last_left) == (at(30), at(100))
    assert (use.stays, use.seconds, use.events) == (2, 60 * 3600, 2)
    assert [one.stage for one in found.stages] == [
        *("need", "explore", "buy", "use", "service", "repurchase")
    ]
    assert found.stages[-1].last_left is None


def test_what_no_rule_is_about_stays_where_the_customer_is() -> None:
    survey = said(0, channel="survey")
    assert folded(survey).stage is None
    found = folded(
        survey, ordered(1), replace(survey, key=("feedback", "crm", "x"), occurred_at=at(9))
    )
    assert [stay.events for stay in found.stays] == [2]
    assert list(found.after) == [None, "buy", "buy"]


def test_a_pause_ends_a_session_and_a_conversation_goes_on() -> None:
    found = folded(
        said(0),
        said(0.5),
        said(1.01, conversation_id="k1"),
        said(1.2),
        said(9, conversation_id="k1"),
        said(20),
    )
    assert [len(one.events) for one in found.sessions] == [2, 3, 1]
    assert [one.number for one in found.sessions] == [1, 2, 3]
    assert (found.sessions[1].started_at, found.sessions[1].ended_at) == (at(1.01), at(9))


def test_a_session_shows_its_worst_light_and_its_topics() -> None:
    (one,) = folded(
        said(0, colour="green", topics=("price",), valence=1.0),
        said(0.1, colour="red", topics=("delivery", "price"), valence=-0.5),
        said(0.2),
    ).sessions
    assert (one.light, one.topics, one.valence) == ("red", ("price", "delivery"), 0.25)


def test_a_wait_lasts_from_the_first_question_to_a_human_answer() -> None:
    bot = did(2, CONTACT, direction=Direction.OUTBOUND, actor=ActorType.BOT)
    found = folded(
        did(0, CONTACT, direction=Direction.INBOUND, actor=ActorType.HUMAN),
        said(1),
        bot,
        called_back(5),
        said(10, channel="survey"),
        said(20, channel="email"),
        did(44, SERVICE),
        said(50, needs_response=False),
        said(60, channel="review", needs_response=True),
    )
    assert [(one.asked_at, one.answered_at) for one in found.waits] == [
        (at(0), at(5)),
        (at(20), at(44)),
        (at(60), None),
    ]
    waiting = found.waiting
    assert (waiting.answered, waiting.since) == (2, at(60))
    assert (waiting.mean_seconds, waiting.longest_seconds) == (14.5 * 3600, 24 * 3600)


def test_what_an_employee_reports_is_not_the_customers_word() -> None:
    note = said(0, channel="employee", intent="complaint", colour="red", valence=-1.0)
    found = folded(note)
    assert (found.waits, found.stuck) == ([], None)


def test_a_complaint_without_progress_is_stuck_by_the_limit_of_the_stage() -> None:
    found = folded(ordered(0), complained(30), complained(40)).stuck
    assert found is not None
    assert (found.stage, found.at) == ("service", at(30 + 7 * 24))
    assert [one.occurred_at for one in found.complaints] == [at(30), at(40)]


def test_signs_that_the_matter_goes_on_end_it() -> None:
    before = [ordered(0), complained(30)]
    for sign in (
        called_back(31),
        did(31, InteractionKind.REFUND),
        said(31, valence=0.9),
        said(31, channel="survey", touchpoint="app.use"),
        did(31, InteractionKind.CHURN),
    ):
        assert folded(*before, sign).stuck is None, sign
    for no_sign in (said(31), did(31, InteractionKind.CAMPAIGN), said(31, valence=-0.9)):
        assert folded(*before, no_sign).stuck is not None, no_sign
    anew = folded(*before, called_back(31), complained(50)).stuck
    assert anew is not None
    assert anew.at == at(50 + 7 * 24)


def test_who_left_and_bought_again_has_not_left() -> None:
    left = did(10, InteractionKind.CHURN)
    assert folded(ordered(0), left).left_at == at(10)
    assert folded(ordered(0), left, ordered(40)).left_at is None


KINDS = st.sampled_from([*InteractionKind, None])
EVENTS = st.lists(
    st.builds(
        lambda number, hours, kind, talk, sign: Happened(
            ("feedback" if kind is None else "interaction", "s", str(number)),
            at(hours),
            at(hours + 1),
            channel="chat" if kind is None else None,
            interaction=kind,
            direction="inbound" if sign else "outbound",
            actor="human",
            conversation_id=talk,
            valence=None if sign is None else (1.0 if sign else -1.0),
            intent="complaint" if sign is False else None,
        ),
        st.integers(0, 10_000),
        st.integers(0, 200),
        KINDS,
        st.sampled_from([None, "k1", "k2"]),
        st.sampled_from([None, True, False]),
    ),
    max_size=12,
    unique_by=lambda event: event.key,
)


@given(EVENTS, st.randoms())
def test_any_order_gives_the_same_journey(events: list[Happened], chance: random.Random) -> None:
    shuffled = list(events)
    chance.shuffle(shuffled)
    assert journey(shuffled, SHIPPED) == journey(events, SHIPPED)


@given(EVENTS)
def test_every_event_is_in_one_session_and_one_stay(events: list[Happened]) -> None:
    found = journey(events, SHIPPED)
    if found is None:
        return
    assert [event for one in found.sessions for event in one.events] == list(found.events)
    assert sum(stay.events for stay in found.stays) == sum(one is not None for one in found.after)
    for earlier, later in zip(found.stays, found.stays[1:], strict=False):
        assert earlier.left_at == later.entered_at
        assert earlier.stage != later.stage
