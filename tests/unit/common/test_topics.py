"""The topic registry."""

import re
from datetime import timedelta

import pytest

from heedful.common.topics import (
    CASE_EVENT,
    DLQ_RETENTION,
    FEEDBACK_ENRICHED,
    FEEDBACK_RECEIVED,
    INTERACTION_RECORDED,
    JOURNEY_SIGNAL,
    TOPICS,
    Topic,
)

EACH = pytest.mark.parametrize("topic", TOPICS, ids=lambda topic: topic.name)


def test_the_names_that_others_read_are_these() -> None:
    assert {topic.name: topic.event_type for topic in TOPICS} == {
        "heedful.feedback.received.v1": "voc.feedback.received.v1",
        "heedful.feedback.enriched.v1": "voc.feedback.enriched.v1",
        "heedful.interaction.recorded.v1": "voc.interaction.recorded.v1",
        "heedful.journey.signal.v1": "voc.journey.signal.v1",
        "heedful.case.event.v1": "voc.case.event.v1",
        "heedful.privacy.erasure.v1": "voc.privacy.erasure.v1",
        "heedful.privacy.receipt.v1": "voc.privacy.receipt.v1",
    }


@EACH
def test_a_name_has_the_documented_form_and_kafka_takes_it(topic: Topic) -> None:
    for name in (topic.name, topic.dlq):
        assert re.fullmatch(r"heedful\.[a-z]+\.[a-z]+\.v[0-9]+(\.dlq)?", name)
        assert len(name) <= 249


@EACH
def test_name_type_and_schema_carry_the_same_major_version(topic: Topic) -> None:
    what = topic.name.removeprefix("heedful.")
    assert topic.event_type == f"voc.{what}"
    assert topic.schema_uri == f"https://heedful.dev/schemas/voc.{what}"


@EACH
def test_every_topic_has_a_dead_letter_queue(topic: Topic) -> None:
    assert topic.dlq == f"{topic.name}.dlq"


def test_no_two_topics_share_a_name_a_type_or_a_payload() -> None:
    names = [name for topic in TOPICS for name in (topic.name, topic.dlq)]
    assert len(set(names)) == len(names)
    assert len({topic.event_type for topic in TOPICS}) == len(TOPICS)
    assert len({topic.payload for topic in TOPICS}) == len(TOPICS)


@EACH
def test_the_key_is_always_a_keyed_hash_within_a_tenant(topic: Topic) -> None:
    assert re.fullmatch(r"hash\(tenant, .+\)", topic.key)


def test_what_is_ordered_is_ordered_by_customer_journey_and_case() -> None:
    per_customer = {FEEDBACK_RECEIVED.key, FEEDBACK_ENRICHED.key, INTERACTION_RECORDED.key}
    assert len(per_customer) == 1
    assert JOURNEY_SIGNAL.key == "hash(tenant, customer)"
    assert CASE_EVENT.key == "hash(tenant, case)"


@EACH
def test_dead_letters_outlive_the_records_that_they_are_replayed_into(topic: Topic) -> None:
    assert timedelta(0) < topic.retention < DLQ_RETENTION


@EACH
def test_topics_of_one_customer_have_the_same_partitions(topic: Topic) -> None:
    assert topic.partitions == FEEDBACK_RECEIVED.partitions > 0
