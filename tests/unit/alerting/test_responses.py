"""Only a person of the business who reaches out answers a customer."""

from datetime import UTC, datetime

import pytest

from heedful.alerting.responses import answers
from heedful.common.contracts import Actor, ActorType, Direction, Interaction, InteractionKind

NOW = datetime(2026, 3, 1, 8, tzinfo=UTC)


def interaction(
    kind: InteractionKind, direction: Direction, actor: ActorType | None
) -> Interaction:
    return Interaction(
        tenant="acme",
        source="calls",
        id="1",
        kind=kind,
        occurred_at=NOW,
        received_at=NOW,
        direction=direction,
        actor=None if actor is None else Actor(type=actor),
    )


@pytest.mark.parametrize("kind", InteractionKind)
@pytest.mark.parametrize("direction", Direction)
@pytest.mark.parametrize("actor", [*ActorType, None])
def test_answers(kind: InteractionKind, direction: Direction, actor: ActorType | None) -> None:
    expected = (kind, direction, actor) == (
        InteractionKind.CONTACT,
        Direction.OUTBOUND,
        ActorType.HUMAN,
    )
    assert answers(interaction(kind, direction, actor)) is expected
