"""The fold of corrections over what the machine said."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heedful.common.contracts import (
    Actor,
    ActorType,
    Channel,
    Colour,
    Correction,
    Enrichment,
    Feedback,
    Light,
    Reason,
    Versions,
)
from heedful.nlp.correction import VALUES, Kind, Label, WrongLabel, folded

NOW = datetime(2026, 3, 2, 8, 30, tzinfo=UTC)
TOPICS = ("service.attitude", "price")
MACHINE = Enrichment(
    tenant="acme",
    id="en-1",
    feedback=Feedback(
        tenant="acme",
        source="calls",
        id="f-1",
        channel=Channel.CALL,
        text="😡上菜太慢了",
        occurred_at=NOW,
        received_at=NOW,
    ),
    enriched_at=NOW,
    language="zh",
    light=Light(colour=Colour.AMBER, reasons=(Reason(code="r", label_zh="因", label_en="Why"),)),
    versions=Versions(model="m", lexicon="l", taxonomy="t", policy="p"),
)


def values(label: Label) -> list[str | None]:
    absent = [] if label.kind is Kind.LIGHT else [None]
    return [*absent, *VALUES[label.kind]]


LABELS = [
    *(Label(kind) for kind in Kind if kind is not Kind.TOPIC),
    *(Label(Kind.TOPIC, topic) for topic in TOPICS),
]
changes = st.lists(
    st.sampled_from(LABELS).flatmap(
        lambda label: st.tuples(st.just(label), st.sampled_from(values(label)))
    ),
    max_size=12,
)


def corrections(made: list[tuple[Label, str | None]]) -> list[Correction]:
    return [
        Correction(
            id=f"c{number}",
            label=label.name,
            value=value,
            actor=Actor(type=ActorType.HUMAN, id="a"),
            at=NOW + timedelta(minutes=number),
        )
        for number, (label, value) in enumerate(made)
    ]


@given(changes)
def test_of_each_label_the_last_correction_holds(made: list[tuple[Label, str | None]]) -> None:
    found = folded(MACHINE, corrections(made))
    last = dict(made)
    for label in LABELS:
        expected = last.get(label, label.value_in(MACHINE))
        assert label.value_in(found) == expected
    assert {one.label for one in found.corrections} == {label.name for label in last}


@given(changes)
def test_what_is_published_is_readable_newer_and_the_same_each_time(
    made: list[tuple[Label, str | None]],
) -> None:
    found = folded(MACHINE, corrections(made))
    assert Enrichment.parse(found.encode()) == found
    assert folded(MACHINE, corrections(made)) == found
    assert (found == MACHINE) == (not made)
    if made:
        assert found.enriched_at > MACHINE.enriched_at
        assert found.id != MACHINE.id


@pytest.mark.parametrize("label", LABELS, ids=lambda label: label.name)
def test_a_label_is_read_by_its_name(label: Label) -> None:
    assert Label.read(label.name, TOPICS) == label
    for value in values(label):
        label.check(value)
    with pytest.raises(WrongLabel, match=" is "):
        label.check("no such value")


@pytest.mark.parametrize("name", ["", "topic", "topic:", "topic:other", "colour", "Light"])
def test_other_names_are_refused(name: str) -> None:
    with pytest.raises(WrongLabel):
        Label.read(name, TOPICS)


def test_the_reasons_of_a_light_that_somebody_set_name_nobody() -> None:
    (reason,) = folded(MACHINE, corrections([(Label(Kind.LIGHT), "red")])).light.reasons
    assert (reason.code, reason.label_zh, reason.evidence) == ("corrected", "人工改判", ())
