"""Addresses with what was chosen in them."""

from heedful.console.web.address import Address

ADDRESS = Address("/search", {"q": "刹车 异响", "light": "red", "topic": ""})


def test_it_is_written_as_a_browser_asks_for_it() -> None:
    assert str(ADDRESS) == "/search?q=%E5%88%B9%E8%BD%A6+%E5%BC%82%E5%93%8D&light=red"
    assert str(Address("/map", {})) == "/map"


def test_one_choice_changes_and_the_others_stay() -> None:
    assert str(ADDRESS.but(light=None, days=7, q="a&b")) == "/search?days=7&q=a%26b"
    assert str(Address("/map", {"from": "2026-11-01"}).but(from_=None)) == "/map"
    assert str(ADDRESS.but(q=None).at("/search/found")) == "/search/found?light=red"


def test_an_address_is_not_changed_by_another_made_of_it() -> None:
    before = str(ADDRESS)
    ADDRESS.but(light="green")
    assert str(ADDRESS) == before
