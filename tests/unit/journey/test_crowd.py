"""How well people are told apart, in small; benchmarks/identity.py does it over 50 seeds."""

import pytest

from tests.unit.journey.crowd import ALL, Trouble, crowd
from tests.unit.journey.telling import accepted, agreement, right, tell

PEOPLE = 150


@pytest.mark.parametrize(
    ("trouble", "precision", "recall"),
    [
        (Trouble(), 1.0, 0.9),
        (Trouble(hashing=1.0), 1.0, 0.9),
        (Trouble(family_device=1.0), 1.0, 0.9),
        (Trouble(placeholder=0.05), 1.0, 0.8),
        (Trouble(family_phone=0.3), 0.75, 0.5),
        (Trouble(typo=0.02), 0.99, 0.8),
        (ALL, 0.7, 0.4),
    ],
)
def test_people_are_told_apart(trouble: Trouble, precision: float, recall: float) -> None:
    for seed in range(2):
        seen = crowd(seed, PEOPLE, trouble)
        found = agreement([one.person for one in seen], tell(seen).owners)
        assert found.precision >= precision, seed
        assert found.recall >= recall, seed


def test_what_is_suggested_finds_people_that_the_rules_have_left_apart() -> None:
    for seed in range(2):
        seen = crowd(seed, PEOPLE, Trouble(second_account=0.3))
        told = tell(seen)
        persons = [one.person for one in seen]
        before, after = agreement(persons, told.owners), agreement(persons, accepted(told))
        assert after.recall > before.recall + 0.01
        assert after.precision >= before.precision - 1e-9


def test_the_likelier_half_of_the_suggestions_is_right_more_often() -> None:
    found: dict[bool, list[bool]] = {True: [], False: []}
    for seed in range(2):
        told = tell(crowd(seed, PEOPLE, ALL))
        for one in told.suggestions:
            found[one.score >= 0.5].append(right(told, one))
    likely, doubtful = (sum(found[each]) / len(found[each]) for each in (True, False))
    assert likely > doubtful + 0.2
