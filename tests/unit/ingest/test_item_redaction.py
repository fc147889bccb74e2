"""What of an item may reach a topic."""

import pytest

from heedful.common.contracts import (
    Channel,
    Identifier,
    IdentifierType,
    InteractionKind,
    RedactionMode,
    Speaker,
    Turn,
)
from heedful.common.contracts.redaction import MAX_REPLACEMENTS
from heedful.common.identifiers import is_hashed
from heedful.ingest.item_redaction import ItemRedactor, SafeItem
from heedful.ingest.models import Posted, PostedFeedback, PostedInteraction
from heedful.ingest.privacy import IdentifierForm, Privacy
from heedful.ingest.redaction import VERSION, Mode

REDACTOR = ItemRedactor(b"w" * 32, b"i" * 32, "CN")
HASHED = Privacy(identifiers=IdentifierForm.HASHED)


def feedback(text: str = "排队", **fields: object) -> PostedFeedback:
    return PostedFeedback.model_validate({"channel": Channel.CALL, "text": text, **fields})


def safe(posted: Posted, privacy: Privacy | None = None, tenant: str = "acme") -> SafeItem:
    return REDACTOR.redact(tenant, posted, privacy or Privacy())


def identifiers_of(*values: str, tenant: str = "acme") -> list[str]:
    given = [{"type": "phone", "value": value} for value in values]
    return [
        one.value for one in safe(feedback(identifiers=given), HASHED, tenant).posted.identifiers
    ]


def test_every_field_that_may_hold_words_is_redacted() -> None:
    found = safe(
        feedback(
            "打13900001234",
            touchpoint="找13900001234",
            department="lily@example.com",
            attributes={"remark": "车牌京A12345", "plan": "A"},
            language="zh",
            conversation_id="call-1",
        )
    ).posted
    assert isinstance(found, PostedFeedback)
    assert found.text == "打<phone>"
    assert (found.touchpoint, found.department) == ("找<phone>", "<email>")
    assert found.attributes == {"remark": "车牌<plate>", "plan": "A"}
    assert (found.language, found.conversation_id) == ("zh", "call-1")


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("customer_name", "小李", "<name>"),
        ("phone", "62345678", "<phone>"),
        ("shipping_address", "幸福里", "<address>"),
        ("wechat", "lilylily", "<wechat>"),
        ("phone", "", ""),
        ("ip_address", "10.1.2.3", "10.1.2.3"),
        ("product_name", "李子", "李子"),
    ],
)
def test_an_attribute_may_say_by_its_name_what_it_holds(
    name: str, value: str, expected: str
) -> None:
    assert safe(feedback(attributes={name: value})).posted.attributes == {name: expected}


def test_what_others_said_in_a_dialogue_is_redacted_too() -> None:
    turns = [
        Turn(speaker=Speaker.AGENT, text="您的电话是13900001234吗"),
        Turn(speaker=Speaker.CUSTOMER, text="不是，13800005678"),
    ]
    found = safe(feedback(dialogue=turns), Privacy(redaction=Mode.TOKEN)).posted
    assert isinstance(found, PostedFeedback)
    assert found.dialogue is not None
    assert [turn.text for turn in found.dialogue] == ["您的电话是<phone_1>吗", "不是，<phone_2>"]


def test_a_summary_is_redacted_and_none_stays_none() -> None:
    visit = PostedInteraction(kind=InteractionKind.VISIT, summary="回电13900001234")
    found = safe(visit).posted
    assert isinstance(found, PostedInteraction)
    assert found.summary == "回电<phone>"
    bare = safe(PostedInteraction(kind=InteractionKind.VISIT)).posted
    assert isinstance(bare, PostedInteraction)
    assert bare.summary is None


def test_what_was_replaced_is_told_without_its_value() -> None:
    redaction = safe(
        feedback("打13900001234或lily@example.com", attributes={"remark": "13800005678"})
    ).redaction
    assert (redaction.mode, redaction.version) == (RedactionMode.MASK, VERSION)
    assert redaction.counts == {"email": 1, "phone": 2}
    # Of the text alone.
    assert [(one.type, one.start, one.end, one.at, one.until) for one in redaction.offsets] == [
        ("phone", 1, 12, 1, 8),
        ("email", 13, 29, 9, 16),
    ]
    assert b"1390000" not in redaction.encode()


def test_a_text_without_personal_data_says_so() -> None:
    redaction = safe(feedback(), Privacy(redaction=Mode.HASH)).redaction
    assert (redaction.mode, redaction.counts, redaction.offsets) == (RedactionMode.HASH, {}, ())


def test_offsets_beyond_the_limit_are_left_out() -> None:
    redaction = safe(feedback("13900001234 " * (MAX_REPLACEMENTS + 1))).redaction
    assert redaction.counts == {"phone": MAX_REPLACEMENTS + 1}
    assert redaction.offsets == ()


def test_tokens_are_the_same_in_all_fields_of_an_item() -> None:
    found = safe(
        feedback("13900001234", attributes={"a": "13800005678", "b": "139 0000 1234"}),
        Privacy(redaction=Mode.TOKEN),
    ).posted
    assert found.attributes == {"a": "<phone_2>", "b": "<phone_1>"}


def test_hashes_in_words_are_of_a_tenant() -> None:
    privacy = Privacy(redaction=Mode.HASH)
    texts = [
        safe(feedback("13900001234", attributes={"a": "13900001234"}), privacy, tenant).posted
        for tenant in ("acme", "acme", "other")
    ]
    values = [one.attributes["a"] for one in texts]
    assert values[0] == values[1] != values[2]


def test_identifiers_stay_as_given_unless_told_otherwise() -> None:
    given = (Identifier(type=IdentifierType.PHONE, value="139 0000 1234"),)
    assert safe(feedback(identifiers=given)).posted.identifiers == given


def test_hashed_identifiers_are_the_same_for_every_spelling_of_a_tenant() -> None:
    one, other = identifiers_of("139 0000 1234", "+86-139-0000-1234")
    assert one == other
    assert is_hashed(one)
    assert identifiers_of("13900001234", tenant="other") != [one]
    assert identifiers_of(one) == [one]


def test_what_names_nobody_is_left_out_where_identifiers_are_hashed() -> None:
    assert identifiers_of("139****1234", "0000", "无") == []
