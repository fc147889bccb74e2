"""Customers to look at, for a row of a report. Pure."""

from heedful.journey.insights.facts import NONE, Facts, Ints
from heedful.journey.insights.report import Example

MOST = 3


def examples(facts: Facts, events: Ints, most: int = MOST) -> list[Example]:
    """The first of these events of up to `most` different customers, in the order given.

    Events of nobody lead to no customer and are passed over.
    """
    found: dict[int, int] = {}
    for event in events:
        customer = int(facts.customer[event])
        if customer != NONE and customer not in found:
            found[customer] = int(event)
        if len(found) == most:
            break
    return [
        Example(customer_id=str(facts.customers[customer]), events=[called(facts, event)])
        for customer, event in found.items()
    ]


def called(facts: Facts, event: int) -> str:
    """What an event is called in the API: kind:source:id."""
    kind = "feedback" if facts.feedback[event] else "interaction"
    return f"{kind}:{facts.sources[event]}:{facts.ids[event]}"
