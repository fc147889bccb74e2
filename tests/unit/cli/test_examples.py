"""The bundled examples: what examples/README.md says of them is true of the files."""

import re
from collections import Counter
from datetime import UTC, datetime

import pytest

from heedful.cli.demo import chunks, examples_dir
from heedful.common.contracts import ActorType, Direction, InteractionKind
from heedful.ingest.models import Posted, PostedFeedback, PostedInteraction
from heedful.ingest.redaction.finding import find

BUSINESSES = ("restaurant", "car_service", "telecom")
CHANNELS = 6
PHONE = re.compile(r"(?<!\d)1[3-9]\d{9}(?!\d)")
FIRST = datetime(2026, 9, 1, tzinfo=UTC)
LAST = datetime(2026, 11, 21, tzinfo=UTC)


def read(business: str, kind: str) -> list[str]:
    return (examples_dir() / business / f"{kind}.jsonl").read_text(encoding="utf-8").splitlines()


def feedback(business: str) -> list[PostedFeedback]:
    return [PostedFeedback.model_validate_json(line) for line in read(business, "feedback")]


def interactions(business: str) -> list[PostedInteraction]:
    return [PostedInteraction.model_validate_json(line) for line in read(business, "interactions")]


def everything(business: str) -> list[Posted]:
    return [*feedback(business), *interactions(business)]


def test_there_is_as_much_as_promised() -> None:
    assert sum(len(feedback(business)) for business in BUSINESSES) >= 300
    assert sum(len(interactions(business)) for business in BUSINESSES) >= 400
    customers = {
        (business, identifier.value)
        for business in BUSINESSES
        for item in everything(business)
        for identifier in item.identifiers
        if identifier.type == "customer_id"
    }
    assert len(customers) >= 60


@pytest.mark.parametrize("business", BUSINESSES)
def test_the_readme_counts_right(business: str) -> None:
    page = (examples_dir() / "README.md").read_text(encoding="utf-8")
    counts = f"| {len(read(business, 'feedback'))} | {len(read(business, 'interactions'))} |"
    (row,) = [line for line in page.splitlines() if line.startswith(f"| [{business}]")]
    assert counts in row


@pytest.mark.parametrize("business", BUSINESSES)
def test_every_item_is_named_once_and_dated(business: str) -> None:
    found = Counter((item.source, item.id) for item in everything(business))
    assert set(found.values()) == {1}
    for item in everything(business):
        assert item.occurred_at is not None
        assert FIRST <= item.occurred_at < LAST
        assert item.touchpoint


@pytest.mark.parametrize("business", BUSINESSES)
def test_files_are_in_the_order_of_time(business: str) -> None:
    for items in (feedback(business), interactions(business)):
        times = [item.occurred_at for item in items if item.occurred_at]
        assert times == sorted(times)


@pytest.mark.parametrize("business", BUSINESSES)
def test_words_are_never_repeated_and_come_by_many_channels(business: str) -> None:
    texts = Counter(item.text for item in feedback(business))
    assert [text for text, count in texts.items() if count > 1] == []
    assert len({item.channel for item in feedback(business)}) >= CHANNELS


@pytest.mark.parametrize("business", BUSINESSES)
def test_stories_name_items_that_exist(business: str) -> None:
    page = (examples_dir() / business / "README.md").read_text(encoding="utf-8")
    named = set(re.findall(r"\b(?:rest|car|tel)-[fi]-\d{4}\b", page))
    assert len(named) > 50
    assert named - {item.id for item in everything(business)} == set()


@pytest.mark.parametrize("business", BUSINESSES)
def test_people_answer_some_complaints_and_bots_others(business: str) -> None:
    actors = {
        item.actor.type
        for item in interactions(business)
        if item.kind is InteractionKind.CONTACT
        and item.direction is Direction.OUTBOUND
        and item.actor is not None
    }
    assert {ActorType.HUMAN, ActorType.BOT} <= actors


@pytest.mark.parametrize("business", BUSINESSES)
def test_nobody_real_can_be_called(business: str) -> None:
    for line in read(business, "feedback") + read(business, "interactions"):
        for number in PHONE.findall(line):
            assert number.startswith("1390000"), line
    assert any(find(item.text) for item in feedback(business))


def test_the_replay_is_the_whole_of_it_in_the_order_of_time() -> None:
    found = [item for chunk in chunks(examples_dir()) for item in chunk.items]
    assert len(found) == sum(len(everything(business)) for business in BUSINESSES)
    times = [datetime.fromisoformat(item["occurred_at"]) for item in found]
    assert times == sorted(times)


def test_no_two_businesses_share_an_identifier() -> None:
    owners: dict[tuple[str, str], set[str]] = {}
    for business in BUSINESSES:
        for item in everything(business):
            for one in item.identifiers:
                owners.setdefault((one.type, one.value), set()).add(business)
    assert [key for key, found in owners.items() if len(found) > 1] == []
