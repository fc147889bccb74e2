"""What it cost the customer, from the ease and hassle that they tell of."""

from collections.abc import Sequence

from heedful.common.contracts import Effort, Perception, PerceptionLabel


def effort_of(perceptions: Sequence[Perception]) -> Effort | None:
    """From -5 to 5 by the stronger of the two, hassle where they are even; None without either."""
    told = {one.label: one for one in perceptions}
    ease, hassle = told.get(PerceptionLabel.EASE), told.get(PerceptionLabel.HASSLE)
    if hassle and (ease is None or hassle.intensity >= ease.intensity):
        return Effort(score=-hassle.intensity, evidence=hassle.evidence)
    return Effort(score=ease.intensity, evidence=ease.evidence) if ease else None
