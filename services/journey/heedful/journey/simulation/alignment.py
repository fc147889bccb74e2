"""What colleagues answer when they are asked what matters most to customers."""

from collections.abc import Sequence

import numpy as np

from heedful.journey.simulation.draws import stream
from heedful.journey.simulation.plan import SimulationPlan
from heedful.journey.simulation.truth import Answer

ASKED = 8
"""So many topics are ranked."""
PEOPLE = 4
QUARTERS = ("2026-Q2", "2026-Q3")
ROLES = ("core", "research", "sales")


def answers(plan: SimulationPlan, topics: Sequence[str]) -> list[Answer]:
    """Rankings, most important first, of each colleague in each quarter.

    Where nothing is planted they are drawn by lot: nobody agrees with anybody. Else a role has one
    list, that of customers, or the reverse of it for roles that see it otherwise.

    Args:
        topics: what matters to customers, most first.
    """
    rng = stream(plan.seed, "alignment")
    asked = list(topics[:ASKED])
    effect = plan.alignment
    roles = effect.roles if effect else ROLES
    found = []
    for quarter in QUARTERS:
        for role in roles:
            ranks = np.arange(len(asked), dtype=np.float64)
            if effect and role in effect.away:
                ranks = ranks[::-1]
            for person in range(effect.people if effect else PEOPLE):
                noise = rng.standard_normal(len(asked))
                mind = ranks + effect.noise * noise if effect else noise
                ranking = tuple(asked[place] for place in np.argsort(mind))
                name = f"{role}-{person + 1}"
                found.append(Answer(quarter=quarter, role=role, person=name, ranking=ranking))
    return found
