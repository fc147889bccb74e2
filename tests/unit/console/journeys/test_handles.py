"""Identifiers in a form that does not say them."""

from heedful.console.journeys.handles import handle, named
from heedful.console.upstream.identities import Identity


def identity(type_: str, value: str, source: str | None = None) -> Identity:
    return Identity(type=type_, value=value, source=source, shared=False)


KNOWN = [
    identity("phone", "13800001234"),
    identity("external", "7", "shop"),
    identity("external", "7", "crm"),
    identity("member_card", "7"),
]


def test_a_handle_says_nothing_of_the_value() -> None:
    assert not any(one.value in handle(one) for one in KNOWN[:1])


def test_each_stands_for_one_and_leads_back_to_it() -> None:
    assert len({handle(one) for one in KNOWN}) == len(KNOWN)
    for one in KNOWN:
        assert named(KNOWN, {handle(one), "made up"}) == [one]
    assert named(KNOWN, set()) == []
