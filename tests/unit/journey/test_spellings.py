"""Identifiers as sources wrote them, and payloads without some of them."""

import orjson

from heedful.common.erasure import KnownName
from heedful.journey.spellings import MAX_NAME_CHARS, Spelling, known_names, stripped
from tests.unit.journey.history import node_of

PHONE = node_of("phone:13900001234")


def test_every_spelling_of_a_customers_own_identifiers_is_known() -> None:
    spelled = [
        ("crm", Spelling("phone", "139 0000 1234")),
        ("crm", Spelling("phone", "139 0000 1234")),
        ("crm", Spelling("phone", "13700007777")),
        ("crm", Spelling("phone", "139****1234")),
    ]
    assert known_names([PHONE], spelled, "CN") == (
        KnownName(type="phone", value="+8613900001234"),
        KnownName(type="phone", value="139 0000 1234"),
    )


def test_an_identifier_of_one_source_says_whose() -> None:
    own = node_of("external:42", "crm")
    spelled = [("crm", Spelling("external", "42")), ("shop", Spelling("external", "42"))]
    assert known_names([own], spelled, "CN") == (
        KnownName(type="external", value="42", scope="crm"),
    )


def test_a_spelling_of_journeys_own_that_nobody_can_send_is_left_out() -> None:
    written = "ﷺ" * MAX_NAME_CHARS
    long = node_of(f"member_card:{written}")
    assert len(long.value) > MAX_NAME_CHARS
    found = known_names([long], [("crm", Spelling("member_card", written))], "CN")
    assert [one.value for one in found] == [written]


def test_a_payload_loses_what_is_gone_and_nothing_else() -> None:
    kept = {"type": "phone", "value": "139****1234"}
    body = {"identifiers": [{"type": "phone", "value": "139-0000-1234"}, kept], "summary": "来过"}
    found = stripped(orjson.dumps(body).decode(), "acme", "crm", {PHONE.id}, "CN")
    assert orjson.loads(found) == {"identifiers": [kept], "summary": "来过"}


def test_of_an_enrichment_it_is_the_feedback_that_loses_it() -> None:
    said = {"text": "好", "identifiers": [{"type": "phone", "value": "13900001234"}]}
    found = stripped(
        orjson.dumps({"feedback": said, "light": {}}).decode(), "acme", "crm", {PHONE.id}, "CN"
    )
    assert orjson.loads(found) == {"feedback": {"text": "好", "identifiers": []}, "light": {}}
