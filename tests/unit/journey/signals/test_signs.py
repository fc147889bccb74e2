"""What a journey shows, and what of it is told."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import numpy as np
import pytest

from heedful.common.contracts import Colour, InteractionKind, SignalKind
from heedful.journey.lifecycle.events import Happened
from heedful.journey.lifecycle.journey import journey
from heedful.journey.signals.publishing import signal_of
from heedful.journey.signals.purchases import longest_silence
from heedful.journey.signals.sign import Sign
from heedful.journey.signals.signs import NEWS, matter_of, signs, telling
from tests.unit.journey.lifecycle.moments import (
    SHIPPED,
    at,
    called_back,
    complained,
    did,
    ordered,
    said,
)

DAY = 24
STUCK, RISK = SignalKind.JOURNEY_STUCK, SignalKind.CHURN_RISK
REPEATED, LEAVING = SignalKind.REPEATED_CONTACT, SignalKind.SATISFIED_BUT_LEAVING


def shown(*events: Happened, kind: SignalKind | None = None) -> list[Sign]:
    found = journey(events, SHIPPED)
    assert found is not None
    return [one for one in signs(found, SHIPPED) if kind is None or one.kind == kind]


def ids(sign: Sign) -> list[str]:
    return [one.key[2] for one in sign.evidence]


def test_the_third_contact_on_one_topic_is_told_of() -> None:
    three = [complained(n * 2 * DAY, "delivery") for n in range(3)]
    assert shown(*three[:2], kind=REPEATED) == []
    (sign,) = shown(*three, complained(7 * DAY, "delivery"), kind=REPEATED)
    assert (sign.at, sign.colour, ids(sign)) == (at(96), Colour.RED, ["f0", "f48", "f96"])
    assert len(sign.matters["delivery"]) == 4
    assert "第 3 次" in sign.summary_zh
    assert "Contact 3" in sign.summary_en


def test_contacts_of_other_topics_or_days_are_other_matters() -> None:
    assert not shown(*(complained(n * DAY, f"t{n}") for n in range(4)), kind=REPEATED)
    assert not shown(*(complained(n * 8 * DAY, "t") for n in range(4)), kind=REPEATED)
    assert not shown(*(said(n * DAY, topics=("t",), valence=0.9) for n in range(4)), kind=REPEATED)


def test_what_is_said_in_one_session_is_one_contact() -> None:
    together = [complained(n / 10, "t") for n in range(4)]
    assert not shown(*together, kind=REPEATED)
    assert shown(*together, complained(DAY, "t"), complained(2 * DAY, "t"), kind=REPEATED)


def test_two_topics_of_the_same_contacts_are_told_at_once() -> None:
    (sign,) = shown(*(complained(n * DAY, "a", "b") for n in range(3)), kind=REPEATED)
    assert set(sign.matters) == {"a", "b"}


def score(hours: float, share: float, **fields: object) -> Happened:
    return said(hours, channel="survey", score=share, score_kind="csat", **fields)


def test_who_was_satisfied_and_speaks_of_leaving() -> None:
    (sign,) = shown(
        score(0, 0.75), said(DAY, leaving=True), said(2 * DAY, leaving=True), kind=LEAVING
    )
    assert (sign.colour, ids(sign)) == (Colour.RED, ["f0", "f24"])
    (milder,) = shown(score(0, 1.0), said(DAY, valence=-0.5), kind=LEAVING)
    assert milder.colour is Colour.AMBER
    (at_once,) = shown(score(0, 1.0, leaving=True), kind=LEAVING)
    assert ids(at_once) == ["f0"]


def test_who_was_not_satisfied_is_no_surprise() -> None:
    for events in (
        [score(0, 0.5), said(DAY, leaving=True)],
        [score(0, 1.0), score(DAY, 0.2), said(2 * DAY, leaving=True)],
        [score(0, 1.0), said(91 * DAY, leaving=True)],
        [said(DAY, leaving=True)],
        [score(0, 1.0), said(DAY, valence=0.9)],
    ):
        assert not shown(*events, kind=LEAVING), events


def test_a_stuck_journey_shows_at_the_end_of_the_limit() -> None:
    (sign,) = shown(ordered(0), complained(30), kind=STUCK)
    assert (sign.at, ids(sign)) == (at(30 + 7 * DAY), ["f30"])
    assert "售后" in sign.summary_zh
    assert "7 days" in sign.summary_en
    assert not shown(ordered(0), complained(30), called_back(31), kind=STUCK)


def test_a_complaint_that_came_after_the_limit_shows_it_when_it_comes() -> None:
    """Else the clocks of its case would have run before anybody could act."""
    (in_time,) = shown(ordered(0), complained(30), kind=STUCK)
    came = in_time.at + timedelta(days=2)
    (sign,) = shown(ordered(0), replace(complained(30), received_at=came), kind=STUCK)
    assert sign.at == came


def monthly(count: int) -> list[Happened]:
    return [ordered(n * 30 * DAY) for n in range(count)]


def test_a_silence_too_long_for_ones_own_rate_is_a_risk() -> None:
    assert not shown(*monthly(3), kind=RISK)
    (sign,) = shown(*monthly(11), kind=RISK)
    days = 300 * (0.05 ** (-1 / 10) - 1)
    assert sign.at == at(300 * DAY) + timedelta(days=days)
    assert "every 30 days" in sign.summary_en
    assert sign.confidence == pytest.approx(0.95)
    left = did(301 * DAY, InteractionKind.CHURN)
    assert not shown(*monthly(11), left, kind=RISK)


def test_orders_of_one_day_are_one_purchase() -> None:
    assert not shown(*(ordered(n) for n in range(8)), kind=RISK)


def test_the_longest_silence_is_exceeded_as_often_as_it_says() -> None:
    """Among gaps at a constant rate, whatever the rate: by 40,000 customers, within five standard
    errors of a proportion."""
    chance = np.random.default_rng(3)
    for gaps in (3, 10):
        times = chance.exponential(7.0, (40_000, gaps + 1))
        longest = longest_silence(1.0, gaps, 0.05) * times[:, :gaps].sum(axis=1)
        share = float((times[:, gaps] > longest).mean())
        assert share == pytest.approx(0.05, abs=5 * (0.05 * 0.95 / 40_000) ** 0.5)


def test_each_matter_is_told_once_whatever_comes_later() -> None:
    three = [complained(n * DAY, "t") for n in range(3)]
    first = telling(shown(*three, kind=REPEATED), (), at(2 * DAY))
    (told,) = first.now
    remembered = set(matter_of(told))
    for later in (
        [*three, complained(3 * DAY, "t")],
        [complained(-DAY, "t"), *three],
        [complained(n * DAY, "t") for n in (-3, -2, -1)] + three,
    ):
        again = telling(shown(*later, kind=REPEATED), remembered, at(3 * DAY))
        assert again.now == []


def test_another_matter_is_told_though_a_contact_was_about_both() -> None:
    first = [complained(0, "a"), complained(DAY, "a"), complained(2 * DAY, "a", "b")]
    told = set(matter_of(shown(*first, kind=REPEATED)[0]))
    both = [*first, complained(3 * DAY, "b"), complained(4 * DAY, "b")]
    (sign,) = telling(shown(*both, kind=REPEATED), told, at(4 * DAY)).now
    assert set(sign.matters) == {"b"}


def test_history_is_not_told() -> None:
    backfilled = [complained(n * DAY, "t", live=False) for n in range(3)]
    assert telling(shown(*backfilled), (), at(2 * DAY)).now == []
    assert telling(shown(*backfilled), (), at(2 * DAY)).look_at is None
    live = [*backfilled[:2], complained(2 * DAY, "t")]
    (sign,) = telling(shown(*live, kind=REPEATED), (), at(2 * DAY)).now
    assert len(sign.evidence) == 3


def test_what_showed_days_ago_is_not_news() -> None:
    found = shown(*(complained(n * DAY, "t") for n in range(3)), kind=REPEATED)
    just = at(2 * DAY) + NEWS - timedelta(seconds=1)
    assert telling(found, (), just).now
    assert not telling(found, (), just + timedelta(seconds=1)).now


def test_what_is_to_come_is_looked_at_then() -> None:
    found = shown(ordered(0), complained(30), kind=STUCK)
    before = telling(found, (), at(40))
    assert (before.now, before.look_at) == ([], at(30 + 7 * DAY))
    then = telling(found, (), at(30 + 7 * DAY))
    assert len(then.now) == 1
    assert then.look_at is None


def test_a_signal_is_the_same_whoever_the_customer_is_by_then() -> None:
    (sign,) = shown(*(complained(n * DAY, "t") for n in range(3)), kind=REPEATED)
    one, other = (signal_of("acme", UUID(int=n), sign, ()) for n in (1, 2))
    assert one.id == other.id
    assert one.feedback_ids == ("f0", "f24", "f48")
    assert one.detected_at == at(48)
    assert signal_of("beta", UUID(int=1), sign, ()).id != one.id


def test_a_signal_names_its_items_and_its_matter() -> None:
    last = complained(2 * DAY, "t", "u", conversation_id="c9", touchpoint="app")
    (sign,) = shown(complained(0, "t"), complained(DAY, "t"), last, kind=REPEATED)
    again = signal_of("acme", UUID(int=1), sign, ())
    assert again.trigger is not None
    assert (again.trigger.kind, again.trigger.source, again.trigger.id) == (
        "feedback",
        "crm",
        "f48",
    )
    assert [one.id for one in again.evidence] == ["f0", "f24", "f48"]
    assert again.topics == ("t",)
    assert (again.channel, again.touchpoint, again.conversation_id) == ("chat", "app", "c9")
    (risk,) = shown(*monthly(11), kind=RISK)
    silent = signal_of("acme", UUID(int=1), risk, ())
    assert silent.trigger is not None
    assert (silent.trigger.kind, silent.topics) == ("interaction", ())
    (stuck,) = shown(ordered(0), complained(30, "u", "t"), kind=STUCK)
    assert signal_of("acme", UUID(int=1), stuck, ()).topics == ("u", "t")
