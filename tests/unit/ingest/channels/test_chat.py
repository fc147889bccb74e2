"""Who said it, where, and what the connection says of them decide what a message becomes."""

import dataclasses
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from heedful.ingest.channels import Draft, Kind, Taken
from heedful.ingest.channels.chat import ChatOptions, Party, Place, Said, drafts

SAID = Said(
    id=Taken("m-1", "id"),
    at=None,
    chat=Taken("group-1", "chat"),
    place=Place.GROUP,
    form=Taken("text", "form"),
    words=Taken("/voc 空调太冷", "words"),
    party=Party.CUSTOMER,
    identities=Taken([{"type": "external", "value": "on_1"}], "sender"),
    staff_id=Taken("staff-1", "sender"),
    aside=False,
    raw=b"{}",
)
FEEDBACK = "feedback of the customer"
NOTE = "note"
INBOUND = "contact by customer"
BY_HUMAN = "contact by human"
BY_BOT = "contact by bot"
NOTHING = "nothing"
ALL = ChatOptions()
COMMAND = ChatOptions(notes_command="/voc")
LISTED = ChatOptions(notes_command="/voc", customer_chats=("group-1",))
ELSEWHERE = ChatOptions(notes_command="/voc", customer_chats=("group-2",))
INNER = ChatOptions(notes_command="/voc", colleagues="customers")
INNER_ELSEWHERE = ChatOptions(
    notes_command="/voc", colleagues="customers", customer_chats=("group-2",)
)
EMPLOYEES = ChatOptions(speaker="employee", notes_command="/voc")


def becomes(said: Said, options: ChatOptions) -> str:
    items = drafts(said, options)
    if not items:
        return NOTHING
    (item,) = items
    assert isinstance(item, Draft)
    if item.kind is Kind.INTERACTION:
        return f"contact by {item.values['actor']['type']}"
    return NOTE if item.values["channel"] == "employee" else FEEDBACK


@pytest.mark.parametrize(
    ("party", "place", "options", "becoming"),
    [
        (Party.CUSTOMER, Place.GROUP, ALL, FEEDBACK),
        (Party.CUSTOMER, Place.ALONE, ALL, FEEDBACK),
        (Party.CUSTOMER, Place.TICKET, ELSEWHERE, FEEDBACK),
        (Party.CUSTOMER, Place.GROUP, COMMAND, FEEDBACK),
        (Party.CUSTOMER, Place.GROUP, LISTED, FEEDBACK),
        (Party.CUSTOMER, Place.GROUP, ELSEWHERE, NOTHING),
        (Party.CUSTOMER, Place.ALONE, ELSEWHERE, FEEDBACK),
        (Party.CUSTOMER, Place.GROUP, EMPLOYEES, NOTE),
        (Party.COLLEAGUE, Place.GROUP, ALL, BY_HUMAN),
        (Party.COLLEAGUE, Place.ALONE, ALL, NOTHING),
        (Party.COLLEAGUE, Place.GROUP, COMMAND, NOTE),
        (Party.COLLEAGUE, Place.ALONE, COMMAND, NOTE),
        (Party.COLLEAGUE, Place.GROUP, LISTED, NOTE),
        (Party.COLLEAGUE, Place.GROUP, ELSEWHERE, NOTE),
        (Party.COLLEAGUE, Place.GROUP, INNER, FEEDBACK),
        (Party.COLLEAGUE, Place.ALONE, INNER, FEEDBACK),
        (Party.COLLEAGUE, Place.GROUP, INNER_ELSEWHERE, NOTE),
        (Party.COLLEAGUE, Place.ALONE, EMPLOYEES, NOTE),
        (Party.AGENT, Place.TICKET, INNER, BY_HUMAN),
        (Party.BOT, Place.GROUP, COMMAND, BY_BOT),
        (Party.BOT, Place.ALONE, ALL, BY_BOT),
        (Party.BOT, Place.GROUP, ELSEWHERE, NOTHING),
        (Party.BOT, Place.GROUP, EMPLOYEES, NOTHING),
    ],
)
def test_what_a_message_becomes(
    party: Party, place: Place, options: ChatOptions, becoming: str
) -> None:
    assert becomes(dataclasses.replace(SAID, party=party, place=place), options) == becoming


def test_what_a_colleague_says_to_the_robot_is_no_answer_to_a_customer() -> None:
    aside = dataclasses.replace(SAID, party=Party.COLLEAGUE, aside=True)
    assert becomes(aside, ALL) == NOTHING
    assert becomes(aside, COMMAND) == NOTE
    assert becomes(dataclasses.replace(aside, party=Party.CUSTOMER), ALL) == FEEDBACK


def test_without_words_there_is_a_contact_and_no_note() -> None:
    picture = dataclasses.replace(SAID, words=None, form=Taken("image", "form"))
    assert becomes(picture, COMMAND) == INBOUND
    assert becomes(picture, EMPLOYEES) == NOTHING


everything: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries(
    {
        "party": st.sampled_from(list(Party)),
        "place": st.sampled_from(list(Place)),
        "words": st.sampled_from([None, SAID.words, Taken("空调太冷", "words")]),
    }
)
OPTIONS = st.sampled_from([ALL, COMMAND, LISTED, ELSEWHERE, INNER, INNER_ELSEWHERE, EMPLOYEES])


@given(everything, OPTIONS)
def test_only_customers_are_identified_and_only_their_words_are_their_voice(
    differing: dict[str, Any], options: ChatOptions
) -> None:
    said = dataclasses.replace(SAID, **differing)
    staff = said.party in (Party.BOT, Party.AGENT) or (
        said.party is Party.COLLEAGUE and options.colleagues == "agents"
    )
    for item in drafts(said, options):
        assert isinstance(item, Draft)
        is_note = item.values["channel"] == "employee"
        assert ("identifiers" in item.values) == (not staff and not is_note)
        if staff and not is_note:
            assert item.kind is Kind.INTERACTION
            assert "summary" not in item.values


def test_groups_of_customers_make_no_sense_where_employees_speak() -> None:
    with pytest.raises(ValidationError, match="leave it out"):
        ChatOptions(speaker="employee", customer_chats=("group-1",))


@pytest.mark.parametrize("command", ["", "/", "/voc note", "x" * 33])
def test_a_command_is_one_word(command: str) -> None:
    with pytest.raises(ValidationError):
        ChatOptions(notes_command=command)
