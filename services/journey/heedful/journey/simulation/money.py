"""Orders without a contract (BG/NBD, Gamma-Gamma), top-ups of accounts, fees of contracts."""

import numpy as np

from heedful.journey.insights.facts import Floats, Ints
from heedful.journey.simulation import world
from heedful.journey.simulation.draws import moments, stream
from heedful.journey.simulation.plan import Purchases, SimulationPlan
from heedful.journey.simulation.population import Population
from heedful.journey.simulation.rows import Rows, blank

TOP_UP, TOP_UP_SPREAD = 100.0, 0.4


def orders(plan: SimulationPlan, people: Population) -> tuple[Rows, Ints]:
    """Orders of those without a contract: the first at their start, and whether they are gone.

    Each orders in a Poisson process until gone; gone after order k with the chance p that is
    theirs. So the number of orders before that is geometric, and those of a Poisson process in a
    span lie evenly in it.
    """
    rng = stream(plan.seed, "orders")
    who = people.on("none")
    model, count = plan.purchases, len(who)
    rate = rng.gamma(model.r, 1 / model.alpha, count)
    leave = np.clip(rng.beta(model.a, model.b, count), 1e-12, 1.0)
    # After the first order, which opens the time, nobody is gone yet (Fader, Hardie, Lee 2005).
    until_gone = rng.geometric(leave)
    owner, at = moments(rng, rate, people.start[who], people.end[who])
    order = np.lexsort((at, owner))
    owner, at = owner[order], at[order]
    begins = np.searchsorted(owner, np.arange(count))
    repeat = np.arange(len(owner)) - begins[owner] + 1
    kept = repeat <= until_gone[owner]
    counts = np.diff(np.append(begins, len(owner)))
    gone = who[counts >= until_gone]
    rows = blank(
        np.concatenate([who, who[owner[kept]]]), np.concatenate([people.start[who], at[kept]])
    )
    rows["interaction"] = world.interaction("order")
    rows["channel"] = world.channel("app")
    rows["touchpoint"] = world.touchpoint("app.order")
    index = np.concatenate([np.arange(count), owner[kept]])
    rows["amount"] = _spend(rng, model, count, index)
    return rows, gone.astype(np.int32)


def _spend(rng: np.random.Generator, model: Purchases, count: int, of: Ints) -> Floats:
    nu = rng.gamma(model.q, 1 / model.v, count)
    return rng.gamma(model.p, 1.0, len(of)) / nu[of]


def top_ups(plan: SimulationPlan, people: Population) -> Rows:
    """Payments into accounts: one when it is opened, then now and then."""
    rng = stream(plan.seed, "top ups")
    who = people.on("account")
    start, end = people.start[who], people.end[who]
    owner, at = moments(rng, plan.rates.top_up * people.pace[who], start, end)
    rows = blank(np.concatenate([who, who[owner]]), np.concatenate([start, at]))
    rows["amount"] = TOP_UP * np.exp(TOP_UP_SPREAD * rng.standard_normal(len(rows)))
    return _payments(rows)


def fees(plan: SimulationPlan, people: Population) -> Rows:
    """A fee for each period of a contract, as if nobody ever left."""
    period = plan.contracts.period_days
    who = people.on("monthly")
    counts = np.ceil((people.end[who] - people.start[who]) / period).astype(np.int64)
    owner = np.repeat(who, counts)
    number = np.arange(len(owner)) - np.repeat(np.cumsum(counts) - counts, counts)
    rows = blank(owner, people.start[owner] + number * period)
    rows["amount"] = plan.contracts.fee
    return _payments(rows)


def _payments(rows: Rows) -> Rows:
    rows["interaction"] = world.interaction("payment")
    rows["channel"] = world.channel("app")
    rows["touchpoint"] = world.touchpoint("billing.statement")
    return rows
