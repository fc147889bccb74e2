"""Who answered, as the response says it."""

import pytest

from heedful.common.contracts import IdentifierType
from heedful.common.contracts.feedback import MAX_IDENTIFIERS
from heedful.ingest.channels import Taken
from heedful.ingest.channels.survey_options import AnswerKind, SurveyOptions
from tests.unit.ingest.channels.surveys import answer, read, said

WORDS = said("why", "还行")
PHONE = answer("tel", AnswerKind.PHONE, "13800000000")
EMAIL = answer("mail", AnswerKind.EMAIL, "laura@example.com")


def hidden(**values: object) -> dict[str, Taken]:
    return {name: Taken(value, f"hidden.{name}") for name, value in values.items()}


def test_a_customers_number_comes_first_and_a_telephone_last() -> None:
    values = read(
        PHONE,
        WORDS,
        EMAIL,
        hidden=hidden(device="d-1", customer_id=1001, utm_source="ad"),
        known=[(IdentifierType.EXTERNAL, Taken("respondent-7", "respondent"))],
    )
    assert values["identifiers"] == [
        {"type": "customer_id", "value": "1001"},
        {"type": "external", "value": "respondent-7"},
        {"type": "email", "value": "laura@example.com"},
        {"type": "device", "value": "d-1"},
        {"type": "phone", "value": "13800000000"},
    ]


def test_options_say_which_fields_and_questions_name_the_customer() -> None:
    options = SurveyOptions(
        identifier_fields={"uid": IdentifierType.CUSTOMER_ID, "card": IdentifierType.MEMBER_CARD}
    )
    card = answer("card", AnswerKind.TEXT, "M-17")
    values = read(WORDS, card, options=options, hidden=hidden(uid="c-1"))
    assert [one["value"] for one in values["identifiers"]] == ["c-1", "M-17"]
    assert values["attributes"]["answer_2"] == "withheld"
    assert values["text"] == "还行"


def test_nobody_is_named_twice() -> None:
    values = read(WORDS, EMAIL, EMAIL, hidden=hidden(email="laura@example.com"))
    assert len(values["identifiers"]) == 1


def test_no_more_are_kept_than_an_item_holds() -> None:
    many = [answer(f"q{number}", AnswerKind.PHONE, f"1380000{number:04}") for number in range(20)]
    assert len(read(WORDS, *many)["identifiers"]) == MAX_IDENTIFIERS


@pytest.mark.parametrize("value", ["", " "])
def test_an_empty_field_names_nobody(value: str) -> None:
    assert "identifiers" not in read(WORDS, hidden=hidden(customer_id=value))
