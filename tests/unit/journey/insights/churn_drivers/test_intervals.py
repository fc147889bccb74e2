"""Rows against looking at each customer at each departure."""

from hypothesis import given, settings
from hypothesis import strategies as st

from heedful.journey.insights.churn_drivers.intervals import intervals
from heedful.journey.insights.churn_drivers.marks import Driver, Kind, marks
from heedful.journey.insights.facts import Facts
from heedful.journey.insights.followup import followed
from tests.unit.journey.insights.facts_of import Event, facts_of

WINDOW = 10.0
DELIVERY = Driver(Kind.TOPIC, "delivery")
MOMENT = st.integers(0, 40).map(float)


def complaint(customer: str, at: float, topic: str = "delivery") -> Event:
    return Event(customer, at, topics=(topic,), colour="red", valence=-1)


def departure(customer: str, at: float) -> Event:
    return Event(customer, at, feedback=False, interaction="churn")


def greeting(customer: str, at: float) -> Event:
    return Event(customer, at, feedback=False, interaction="visit")


@st.composite
def lives(draw: st.DrawFn) -> Facts:
    """A few customers, each with complaints, and a departure of some."""
    told = []
    for number in range(draw(st.integers(1, 5))):
        name = f"c{number}"
        told.append(greeting(name, draw(MOMENT)))
        topics = st.tuples(MOMENT, st.sampled_from(["delivery", "price"]))
        told += [complaint(name, at, topic) for at, topic in draw(st.lists(topics, max_size=4))]
        if draw(st.booleans()):
            told.append(departure(name, draw(MOMENT)))
    return facts_of(told, since=0, until=45)


@given(lives())
@settings(max_examples=60, deadline=None)
def test_everybody_at_every_departure(facts: Facts) -> None:
    follow = followed(facts)
    found = marks(facts, facts.feedback | ~facts.feedback, WINDOW, 5)
    rows = intervals(facts, follow, found, WINDOW)
    departures = sorted({float(follow.exit[c]) for c in range(len(follow.exit)) if follow.left[c]})
    for number, moment in enumerate(departures, 1):
        at = (rows.start < number) & (number <= rows.stop)
        seen = {int(rows.customer[row]): row for row in at.nonzero()[0]}
        assert len(seen) == at.sum()
        for customer in range(len(facts.customers)):
            watched = follow.entry[customer] < moment <= follow.exit[customer]
            assert (customer in seen) == watched
            if not watched:
                continue
            row = seen[customer]
            gone = follow.left[customer] and follow.exit[customer] == moment
            assert bool(rows.left[row] and rows.stop[row] == number) == gone
            for column in range(len(found.drivers)):
                own = [
                    facts.at[event]
                    for event in found.of(column)
                    if facts.customer[event] == customer
                ]
                recent = any(when < moment <= when + WINDOW for when in own)
                assert rows.x[row, column] == recent


def test_what_happens_at_the_moment_of_leaving_drives_nobody_away() -> None:
    facts = facts_of(
        [greeting("a", 1), complaint("a", 5), departure("a", 5), greeting("b", 1)], until=20
    )
    follow = followed(facts)
    rows = intervals(facts, follow, marks(facts, facts.at >= 0, WINDOW, 5), WINDOW)
    assert not rows.x.any()


def test_marks() -> None:
    """Red lights, topics that were blamed, the third contact within the window, refunds, waits."""

    def contact(at: float, duration: float) -> Event:
        return Event("a", at, feedback=False, interaction="contact", duration_s=duration)

    told = [contact(at, 60) for at in (1, 4, 9, 12, 30)] + [contact(31, 900)]
    told += [complaint("a", 7), Event("a", 8, topics=("delivery",), colour="green", valence=1)]
    told += [Event("a", 13, feedback=False, interaction="refund")]
    told += [Event("a", 14, topics=("price",), colour="red", valence=-1, leaving=True)]
    facts = facts_of(told, until=45)
    found = marks(facts, facts.at >= 0, WINDOW, 5)
    at = {
        driver.name: [float(facts.at[event]) for event in found.of(number)]
        for number, driver in enumerate(found.drivers)
    }
    assert at == {
        "delivery": [7.0],
        "red": [7.0],
        "third_contact": [9.0, 12.0],
        "long_wait": [31.0],
        "refund": [13.0],
    }


def test_the_topics_with_most_customers_are_kept() -> None:
    told = [complaint(name, 3, "price") for name in "abc"]
    told += [complaint("a", at, "delivery") for at in range(9)]
    found = marks(facts_of(told), facts_of(told).at >= 0, WINDOW, 1)
    assert [driver.name for driver in found.drivers if driver.kind is Kind.TOPIC] == ["price"]
