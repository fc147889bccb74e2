"""What the encoder may say of a text."""

import numpy as np

from heedful.nlp.encoder.reading import Reading
from heedful.nlp.encoder.tasks import (
    CAR_ASPECTS,
    EMBEDDING,
    EMOTIONS,
    RESTAURANT_ASPECTS,
    Stance,
)

NOTHING = Reading(
    sentiment=np.array([0.1, 0.8, 0.1], dtype=np.float32),
    emotion=np.eye(len(EMOTIONS), dtype=np.float32)[0],
    car=np.eye(len(Stance), dtype=np.float32)[[0] * len(CAR_ASPECTS)],
    restaurant=np.eye(len(Stance), dtype=np.float32)[[0] * len(RESTAURANT_ASPECTS)],
    focus=(8, 10),
    opinions=(),
    names=(),
    embedding=np.eye(EMBEDDING, dtype=np.float32)[0],
)
"""Neutral, without an emotion, an aspect or a span; it looked at the places 8 to 10."""
