"""What is the same for every support desk."""

import dataclasses

import pytest

from heedful.common.contracts.feedback import MAX_TEXT_CHARS
from heedful.ingest.channels import Draft, Failed, Kind, Taken, desk
from heedful.ingest.channels.desk import Entry, Rating, Speaker
from heedful.ingest.channels.reading import Node
from heedful.ingest.models import PostedFeedback, PostedInteraction

SAID = Entry(
    id=Taken("comment:1", "id"),
    at=Taken("2026-11-24T08:15:00Z", "at"),
    conversation=Taken("desk:1", "ticket"),
    channel=Taken("ticket", "adapter"),
    words=Taken("还没修好", "body"),
    speaker=Speaker.CUSTOMER,
    speaker_id=None,
    customer=Taken([{"type": "external", "value": "desk:7"}], "customer"),
)
RATED = Rating(
    subject="rating:1",
    score={"value": 1.0, "minimum": 1.0, "maximum": 5.0},
    score_place="rating",
    label="1",
    words=Taken("没人管", "words"),
    conversation=Taken("desk:1", "ticket"),
    customer=None,
)
LONG = Taken("长" * (MAX_TEXT_CHARS + 1), "body")


def test_a_customers_words_are_feedback() -> None:
    (item,) = desk.entry(SAID, b"")
    assert isinstance(item, Draft)
    PostedFeedback.model_validate(item.values)


@pytest.mark.parametrize(
    ("changes", "direction", "actor"),
    [
        ({"words": None}, "inbound", {"type": "customer"}),
        ({"speaker": Speaker.AGENT}, "outbound", {"type": "human"}),
        (
            {"speaker": Speaker.AGENT, "speaker_id": Taken(17, "author")},
            "outbound",
            {"type": "human", "id": "17"},
        ),
        ({"speaker": Speaker.BOT}, "outbound", {"type": "bot"}),
    ],
)
def test_the_rest_are_contacts_without_words(
    changes: dict[str, object], direction: str, actor: dict[str, str]
) -> None:
    (item,) = desk.entry(dataclasses.replace(SAID, **changes), b"")  # type: ignore[arg-type]
    assert isinstance(item, Draft)
    assert item.kind is Kind.INTERACTION
    posted = PostedInteraction.model_validate(item.values)
    assert (posted.direction, item.values["actor"], posted.summary) == (direction, actor, None)


def test_words_that_are_too_long_are_kept_and_not_cut() -> None:
    (item,) = desk.entry(dataclasses.replace(SAID, words=LONG), b"raw")
    assert isinstance(item, Failed)
    assert (item.raw, item.detail) == (b"raw", "body is longer than 100000 characters")
    score, words = desk.rating(dataclasses.replace(RATED, words=LONG), b"raw")
    assert isinstance(score, Draft)
    assert isinstance(words, Failed)


def test_other_words_are_another_item_and_the_score_the_same_one() -> None:
    score, words = desk.rating(RATED, b"")
    again, others = desk.rating(dataclasses.replace(RATED, words=Taken("算了", "words")), b"")
    assert isinstance(words, Draft)
    assert isinstance(others, Draft)
    assert score == again
    assert words.values["id"] != others.values["id"]


def test_only_identifiers_that_a_contract_takes() -> None:
    known = [("email", None), ("phone", ""), ("external", "x" * 201), ("external", "desk:7")]
    found = desk.identifiers(Node({}, "customer"), known)
    assert found == Taken([{"type": "external", "value": "desk:7"}], "customer")
    assert desk.identifiers(Node({}, "customer"), known[:3]) is None
