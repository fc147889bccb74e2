"""What was chosen for the shipped model: how often each set is seen, how long texts are, the size
of a batch."""

from collections.abc import Mapping
from typing import Final

BUDGET: Final = 1536
"""Padded pieces of a batch."""

STEPS: Final = 4000
"""Of two processes; what is left of the planned order is not used."""

PASSES: Final[Mapping[str, float]] = {
    "sentiment": 1.4,
    "emotion": 2.4,
    "car_aspects": 3.2,
    "restaurant_aspects": 3.2,
    "opinion_triplets": 2.4,
    "helpdesk": 0.8,
    "ner": 2.4,
    "talk": 3.0,
    "corrected": 5.0,
    "voices": 5.0,
    "ordinary": 3.0,
    "passages": 1.5,
}
"""Small sets are seen more often; the size of a set says how much there is, not how much it
matters."""

LIMITS: Final[Mapping[str, int]] = {
    "sentiment": 144,
    "emotion": 128,
    "car_aspects": 128,
    "restaurant_aspects": 384,
    "opinion_triplets": 160,
    "helpdesk": 256,
    "ner": 64,
    "talk": 64,
    "corrected": 144,
    "voices": 160,
    "ordinary": 256,
    "passages": 320,
}
"""Most pieces of a text in training. Reviews say early what they think; restaurants say
something about every aspect down to the end."""
