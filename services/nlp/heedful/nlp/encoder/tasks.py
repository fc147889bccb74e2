"""What the encoder is asked: its heads, their labels and the layout of its outputs.

Training writes this layout into the model file and serving refuses a file with another one.
"""

from enum import IntEnum
from typing import Final

HEADS: Final = (
    "sentiment",
    "emotion",
    "car",
    "restaurant",
    "opinions",
    "names",
    "satisfaction",
    "voice",
)
"""A model that was trained without the texts of a head says nothing there."""

SENTIMENTS: Final = ("negative", "neutral", "positive")
EMOTIONS: Final = ("neutral", "happy", "angry", "sad", "fear", "surprise")
"""The classes of SMP2020-EWECT."""

CAR_ASPECTS: Final = (
    "动力",
    "价格",
    "油耗",
    "操控",
    "舒适性",
    "配置",
    "安全性",
    "内饰",
    "外观",
    "空间",
)
"""The subjects of CCF BDCI 2018."""

RESTAURANT_ASPECTS: Final = (
    "location_traffic_convenience",
    "location_distance_from_business_district",
    "location_easy_to_find",
    "service_wait_time",
    "service_waiters_attitude",
    "service_parking_convenience",
    "service_serving_speed",
    "price_level",
    "price_cost_effective",
    "price_discount",
    "environment_decoration",
    "environment_noise",
    "environment_space",
    "environment_cleaness",
    "dish_portion",
    "dish_taste",
    "dish_look",
    "dish_recommendation",
    "others_overall_experience",
    "others_willing_to_consume_again",
)
"""The aspects of AI Challenger 2018, spelled as published."""

INTENTS: Final = (
    "complaint",
    "request",
    "inquiry",
    "suggestion",
    "praise",
    "chat",
    "not_meaningful",
)
NEEDS: Final = ("none", "explicit", "latent", "delight")
URGENCIES: Final = (
    "injury",
    "medical",
    "food_safety",
    "fire_smoke",
    "gas_leak",
    "vehicle_safety",
    "minor",
    "elderly_at_risk",
    "stranded",
    "self_harm",
    "violence",
    "fraud",
    "hazard",
    "unauthorised_charge",
    "privacy_leak",
    "legal",
    "media",
    "discrimination",
    "service_outage",
    "repeated_contact",
)
"""The categories of urgency.yaml."""

PERCEPTIONS: Final = ("delight", "disappointment", "ease", "hassle")
FLAGS: Final = (
    "red",
    *URGENCIES,
    *PERCEPTIONS,
    "churn",
    "solicited",
    "needs_response",
)
"""What a text says or does not, each by itself; `red`: any of the urgencies."""


class Stance(IntEnum):
    """What is said about an aspect."""

    ABSENT = 0
    NEGATIVE = 1
    NEUTRAL = 2
    POSITIVE = 3


STANCES: Final = (Stance.NEGATIVE, Stance.NEUTRAL, Stance.POSITIVE)

# Questions: one learned query over the tokens each, whose answer is a softmax over some classes.
SENTIMENT_QUERY: Final = 0
EMOTION_QUERY: Final = 1
SATISFACTION_QUERY: Final = 2
CAR_QUERIES: Final = slice(3, 3 + len(CAR_ASPECTS))
RESTAURANT_QUERIES: Final = slice(CAR_QUERIES.stop, CAR_QUERIES.stop + len(RESTAURANT_ASPECTS))
INTENT_QUERY: Final = RESTAURANT_QUERIES.stop
NEED_QUERY: Final = INTENT_QUERY + 1
FLAG_QUERIES: Final = slice(NEED_QUERY + 1, NEED_QUERY + 1 + len(FLAGS))
RED_QUERY: Final = FLAG_QUERIES.start + FLAGS.index("red")
QUERIES: Final = FLAG_QUERIES.stop
CLASSES: Final = max(len(one) for one in (SENTIMENTS, EMOTIONS, tuple(Stance), INTENTS, NEEDS))
"""Width of the answers; a question with fewer classes leaves the rest unused. A flag has one logit
instead of a softmax."""

# Token tags, in the BIO scheme: 0 outside, then begin and inside of each kind.
ASPECT_KINDS: Final = ("aspect",)
OPINION_KINDS: Final = ("negative", "neutral", "positive")
NAME_KINDS: Final = ("name", "address")
ASPECT_TAGS: Final = slice(0, 1 + 2 * len(ASPECT_KINDS))
OPINION_TAGS: Final = slice(ASPECT_TAGS.stop, ASPECT_TAGS.stop + 1 + 2 * len(OPINION_KINDS))
NAME_TAGS: Final = slice(OPINION_TAGS.stop, OPINION_TAGS.stop + 1 + 2 * len(NAME_KINDS))
TAGS: Final = NAME_TAGS.stop

PAIR_WIDTH: Final = 64
"""An opinion and an aspect belong together by the product of two vectors of this width; the first
token of a text stands for an aspect that is not named."""

EMBEDDING: Final = 512
"""Width of the embedding of a text, which stands for that of the pretrained encoder."""

SATISFACTION_VOTES: Final = 4
"""Satisfaction from -2 to 2 is a binomial distribution of so many steps (one logit)."""


def layout() -> dict[str, str]:
    """What a model file must say of itself to be read by this code."""
    return {
        "sentiments": ",".join(SENTIMENTS),
        "emotions": ",".join(EMOTIONS),
        "car_aspects": ",".join(CAR_ASPECTS),
        "restaurant_aspects": ",".join(RESTAURANT_ASPECTS),
        "intents": ",".join(INTENTS),
        "needs": ",".join(NEEDS),
        "flags": ",".join(FLAGS),
        "tags": ",".join((*ASPECT_KINDS, *OPINION_KINDS, *NAME_KINDS)),
        "pair_width": str(PAIR_WIDTH),
        "embedding": str(EMBEDDING),
    }
