"""How satisfied a customer leaves a dialogue, by what both have said."""

from typing import Final

from heedful.common.contracts import Dialogue, Satisfaction, Speaker
from heedful.nlp.encoder import tasks
from heedful.nlp.encoder.engine import Engine
from heedful.nlp.encoder.reading import satisfaction
from heedful.nlp.text import prepare

LEAST_TURNS: Final = 4
"""Two from each side: the dialogues that it was taught with are no shorter."""

_READ: Final = ("zh", "mixed")


def satisfaction_of(engine: Engine, dialogue: Dialogue | None) -> Satisfaction | None:
    """None for a dialogue that is too short to tell, has one speaker, or is not Chinese."""
    if dialogue is None or len(dialogue) < LEAST_TURNS:
        return None
    customers = [turn.speaker is Speaker.CUSTOMER for turn in dialogue]
    if all(customers) or not any(customers):
        return None
    prepared = [prepare(turn.text) for turn in dialogue]
    if not any(one.language in _READ for one in prepared):
        return None
    turns = list(zip(customers, (one.normal for one in prepared), strict=True))
    score = satisfaction(engine, turns) / (tasks.SATISFACTION_VOTES / 2)
    return Satisfaction(score=round(score, 3), turns=len(dialogue))
