"""What is written is what the contracts take, and says who is who."""

import orjson
import pytest

from heedful.common.contracts import Feedback, Identifier, IdentifierType, Interaction
from heedful.journey.simulation.identities import identities
from heedful.journey.simulation.items import Items
from heedful.journey.simulation.plan import SimulationPlan
from heedful.journey.simulation.simulate import Simulated, simulate

ADDED = {"tenant": "shop", "received_at": "2026-11-02T00:00:00Z"}


@pytest.fixture(scope="module")
def simulated() -> Simulated:
    return simulate(SimulationPlan(seed=2, customers=80))


def test_items_are_feedback_and_interactions_in_the_order_of_time(simulated: Simulated) -> None:
    times = []
    for item in Items(simulated):
        told = orjson.loads(item.line)
        model: type[Feedback] | type[Interaction] = Feedback if item.feedback else Interaction
        times.append(model.model_validate_json(orjson.dumps(told | ADDED)).occurred_at)
    assert times == sorted(times)
    assert len(times) == len(simulated.facts)


def test_a_seed_gives_the_same_lines(simulated: Simulated) -> None:
    assert [one.line for one in Items(simulated)] == [one.line for one in Items(simulated)]


def test_texts_say_what_the_labels_say(simulated: Simulated) -> None:
    facts = simulated.facts
    texts = {
        told["id"]: told["text"]
        for one in Items(simulated)
        if one.feedback and (told := orjson.loads(one.line))
    }
    leaving = [texts[facts.ids[event]] for event in facts.leaving.nonzero()[0]]
    assert leaving
    assert all("不来了" in text or "换一家" in text or "不续" in text for text in leaving)


def test_people_hold_every_item_once(simulated: Simulated) -> None:
    told = [orjson.loads(person.line) for person in Items(simulated).people()]
    items = [item for person in told for item in person["items"]]
    assert sorted(items) == sorted(simulated.facts.ids.tolist())
    assert len(told) == 80


def test_families_share_a_phone_and_nothing_that_names_one_person() -> None:
    people = identities(2000, seed=4)
    owners: dict[Identifier, set[int]] = {}
    for person in range(2000):
        for one in people.all(person):
            owners.setdefault(one, set()).add(person)
    shared = {one: who for one, who in owners.items() if len(who) > 1}
    assert {one.type for one in shared} == {IdentifierType.PHONE, IdentifierType.DEVICE}
    assert 60 < sum(one.type is IdentifierType.PHONE for one in shared) < 180
    assert max(len(who) for who in shared.values()) == 2


def test_some_phones_are_mistyped(simulated: Simulated) -> None:
    right = {
        one["value"]
        for person in Items(simulated).people()
        for one in orjson.loads(person.line)["identifiers"]
    }
    carried = [
        one["value"] for item in Items(simulated) for one in orjson.loads(item.line)["identifiers"]
    ]
    wrong = [value for value in carried if value not in right]
    assert 0 < len(wrong) < 0.02 * len(carried)
