"""Which rule of a policy an item falls under. Pure."""

from dataclasses import dataclass, replace

from heedful.alerting.policies.document import Condition, PolicyDocument, Rule
from heedful.common.contracts import Enrichment, Feedback, Polarity

TIER = "customer_tier"
REGION = "region"


@dataclass(frozen=True, slots=True)
class Item:
    """What of a feedback a policy and a case go by.

    Attributes:
        colour: of the light; None as long as there is none.
        topic: the worst thing that is said, else the first.
    """

    channel: str
    colour: str | None = None
    needs_response: bool | None = None
    intent: str | None = None
    urgencies: tuple[str, ...] = ()
    topic: str | None = None
    topics: tuple[str, ...] = ()
    touchpoint: str | None = None
    department: str | None = None
    region: str | None = None
    tier: str | None = None


def item_of_feedback(feedback: Feedback) -> Item:
    """An item without labels."""
    return Item(
        channel=feedback.channel.value,
        touchpoint=feedback.touchpoint,
        department=feedback.department,
        region=feedback.attributes.get(REGION),
        tier=feedback.attributes.get(TIER),
    )


def item_of(enrichment: Enrichment) -> Item:
    """An item with its labels."""
    bad = [one.topic for one in enrichment.aspects if one.polarity is Polarity.NEGATIVE]
    topics = tuple(dict.fromkeys([*bad, *(one.topic for one in enrichment.aspects)]))
    return replace(
        item_of_feedback(enrichment.feedback),
        colour=enrichment.light.colour.value,
        needs_response=enrichment.needs_response,
        intent=enrichment.intent.label.value if enrichment.intent else None,
        urgencies=enrichment.urgency.categories if enrichment.urgency else (),
        topic=topics[0] if topics else None,
        topics=topics,
    )


def without_labels(item: Item) -> Item:
    """The item as long as nothing is understood of it."""
    return Item(
        channel=item.channel,
        touchpoint=item.touchpoint,
        department=item.department,
        region=item.region,
        tier=item.tier,
    )


def match(policy: PolicyDocument, item: Item) -> Rule:
    """The first rule that fits; the last one always does."""
    return next(rule for rule in policy.rules if fits(rule.when, item))


def fits(condition: Condition, item: Item) -> bool:
    """Whether every field that is given fits the item."""
    return (
        _same(condition.classified, item.colour is not None)
        and _same(condition.needs_response, item.needs_response)
        and _among(condition.colours, item.colour)
        and _among(condition.intents, item.intent)
        and _among(condition.channels, item.channel)
        and _among(condition.departments, item.department)
        and _among(condition.tiers, item.tier)
        and (condition.urgencies is None or not condition.urgencies.isdisjoint(item.urgencies))
        and _below(condition.topics, item.topics)
        and _below(condition.touchpoints, (item.touchpoint,) if item.touchpoint else ())
    )


def _same(wanted: bool | None, given: bool | None) -> bool:
    return wanted is None or wanted == given


def _among(wanted: frozenset[str] | frozenset[object] | None, given: str | None) -> bool:
    return wanted is None or given in wanted


def _below(wanted: frozenset[str] | None, given: tuple[str, ...]) -> bool:
    return wanted is None or any(
        one == root or one.startswith(f"{root}.") for one in given for root in wanted
    )
