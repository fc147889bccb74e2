"""The business that is simulated: a chain of food shops with an app, delivery and memberships."""

from typing import Final

import numpy as np

from heedful.common.contracts import Channel, InteractionKind
from heedful.journey.insights.facts import Floats

TOPICS: Final = (
    "food.taste", "food.safety", "food.portion", "food.packaging", "price", "promotion",
    "waiting", "staff.attitude", "staff.skill", "environment", "delivery", "call_centre",
    "billing", "refund", "plan.clarity", "app", "product.quality", "privacy", "food.allergen",
)  # fmt: skip

# How often a touchpoint is spoken of, and of which topics; of food.allergen only once it emerges.
_MENTIONS: Final = {
    "marketing.campaign": (14, {"promotion": 7, "price": 1, "privacy": 1, "app": 1}),
    "app.order": (10, {"app": 5, "promotion": 1, "price": 1, "waiting": 1, "privacy": 1}),
    "store.visit": (12, {"staff.attitude": 3, "waiting": 3, "environment": 3, "staff.skill": 2}),
    "store.checkout": (14, {"price": 6, "waiting": 2, "promotion": 1, "billing": 1}),
    "delivery.handover": (12, {"delivery": 6, "food.packaging": 2, "waiting": 2}),
    "product.use": (
        12,
        {"food.taste": 6, "food.portion": 3, "product.quality": 3, "food.safety": 1, "price": 1},
    ),
    "callcentre.inbound": (14, {"refund": 6, "call_centre": 4, "billing": 2, "staff.attitude": 2}),
    "aftersales.refund": (10, {"refund": 5, "product.quality": 2, "staff.skill": 1, "delivery": 1}),
    "billing.statement": (6, {"billing": 6, "plan.clarity": 2, "price": 1}),
    "membership.renewal": (6, {"plan.clarity": 5, "promotion": 2, "price": 2, "app": 1}),
}
TOUCHPOINTS: Final = tuple(_MENTIONS)
SPOKEN_OF: Final[Floats] = np.array([weight for weight, _ in _MENTIONS.values()], dtype=np.float64)
TOPICS_OF: Final[Floats] = np.array(
    [[topics.get(topic, 0) for topic in TOPICS] for _, topics in _MENTIONS.values()],
    dtype=np.float64,
)
"""Row by touchpoint, column by topic: how often each is meant."""

DEPARTMENTS: Final = ("marketing", "digital", "store", "delivery", "product", "service", "billing")
DEPARTMENT_OF: Final = np.array([0, 1, 2, 2, 3, 4, 5, 5, 6, 0], dtype=np.int32)
"""Of each touchpoint, who answers for it."""

CHANNELS: Final = tuple(channel.value for channel in Channel)
SAID_ON: Final = {"call": 25, "ticket": 10, "chat": 15, "review": 20, "social": 10, "app": 20}
"""Where customers speak unasked, whatever they speak of."""

INTERACTIONS: Final = tuple(kind.value for kind in InteractionKind)
SCORE_KINDS: Final = ("nps", "csat", "ces", "stars", "other")
PERCEPTIONS: Final = ("delight", "disappointment", "ease", "hassle")
COLOURS: Final = ("red", "amber", "green", "grey")

SEGMENTS: Final = {"student": 0.25, "office": 0.40, "family": 0.20, "senior": 0.15}
"""Their shares of the customers."""
REGIONS: Final = {"east": 0.4, "south": 0.3, "north": 0.2, "west": 0.1}
PLANS: Final = ("none", "monthly", "account")
CONSENT: Final = ("yes", "no")
OUTLETS: Final = tuple(f"outlet-{number:02}" for number in range(1, 31))
REPORTERS: Final = tuple(f"staff-{number:02}" for number in range(1, 61))
AGENTS: Final = tuple(f"agent-{number:02}" for number in range(1, 21))


def topic(name: str) -> int:
    return TOPICS.index(name)


def touchpoint(name: str) -> int:
    return TOUCHPOINTS.index(name)


def channel(name: str) -> int:
    return CHANNELS.index(name)


def interaction(name: str) -> int:
    return INTERACTIONS.index(name)
