"""Which items an erasure keeps out. Pure."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heedful.common.erasure import Met, Tombstones, Traces, met
from heedful.common.erasure.tombstones import Tombstone
from heedful.common.errors import Retryable

T = datetime(2026, 11, 24, 8, tzinfo=UTC)
STONE = Tombstone("e1", T)
SECOND = timedelta(seconds=1)


def tombstones(secret: bytes = b"s" * 32, service: str = "nlp") -> Tombstones:
    made = Tombstones(service)
    made.use_secret(secret)
    return made


def test_an_erased_key_is_never_taken_again() -> None:
    stones = {b"item": Tombstone("e1", None)}
    for received_at in (None, T - SECOND, T + SECOND):
        assert met(Traces(b"item", received_at), stones) == Met("e1", known=True)
    assert met(Traces(b"other", T), stones) is None


def test_a_name_is_meant_up_to_the_time_of_the_erasure() -> None:
    stones = {b"name": STONE}
    found = {
        seconds: met(Traces(b"item", T + seconds * SECOND, [b"x", b"name"]), stones)
        for seconds in (-1, 0, 1)
    }
    assert found == {-1: Met("e1", known=False), 0: Met("e1", known=False), 1: None}


def test_a_conversation_is_meant_for_items_without_a_name() -> None:
    stones = {b"talk": STONE}
    assert met(Traces(b"item", T, (), b"talk"), stones) == Met("e1", known=False)
    assert met(Traces(b"item", T + SECOND, (), b"talk"), stones) is None
    assert met(Traces(b"item", T, [b"somebody"], b"talk"), stones) is None


def test_of_an_item_whose_receipt_is_unknown_only_the_key_counts() -> None:
    assert met(Traces(b"item", None, [b"name"]), {b"name": STONE}) is None


@given(st.lists(st.text(max_size=5), min_size=4, max_size=4))
def test_hashes_say_nothing_and_keep_parts_apart(parts: list[str]) -> None:
    stones = tombstones()
    tenant, kind, source, id_ = parts
    found = stones.item(tenant, kind, source, id_)
    assert len(found) == 16
    assert found == tombstones(service="journey").item(tenant, kind, source, id_)
    assert found != tombstones(b"x" * 32).item(tenant, kind, source, id_)
    assert found != stones.item(tenant, kind, source + id_, "") or id_ == ""
    assert stones.identifier(tenant, id_) != stones.conversation(tenant, id_)


def test_before_the_start_nothing_is_judged() -> None:
    with pytest.raises(Retryable):
        Tombstones("nlp").item("acme", "feedback", "crm", "1")
