"""What counts as a complaint, where all that is known of it is its light and its valence. Pure."""

from heedful.journey.insights.facts import Facts, Flags


def complaints(facts: Facts) -> Flags:
    """Customers' feedback that blames: more blame than praise, or a light that says so.

    An amber light is given to mild praise as well, so it counts only without a valence above 0.
    """
    dark = facts.colour.having("red")
    mild = facts.colour.having("amber") & ~(facts.valence > 0)
    found: Flags = facts.voiced & (dark | mild | (facts.valence < 0))
    return found
