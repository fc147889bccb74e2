"""What is chosen on the board, and its address."""

from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heedful.alerting.states import OVER, State
from heedful.console.board.choice import SETTLED, TABS, Choice, cases_of_tab, choice

words = st.text(max_size=20).map(str.strip)


@given(st.builds(Choice, st.sampled_from(["", *TABS, SETTLED]), *[words] * 5))
def test_an_address_says_what_is_chosen(chosen: Choice) -> None:
    assert choice(**dict(parse_qsl(chosen.query()))) == chosen


def test_me_and_nobody_are_no_ids_of_people() -> None:
    mine = Choice(owner="@me").filters("li.lei")
    assert (mine.owner, mine.unowned) == ("li.lei", None)
    nobodys = Choice(owner="@nobody").filters("li.lei")
    assert (nobodys.owner, nobodys.unowned) == (None, True)


@pytest.mark.parametrize("tab", [SETTLED, "", "dropped; --"])
def test_what_is_no_state_is_no_filter(tab: str) -> None:
    assert choice(tab=tab).filters("li.lei").state is None


def test_tabs_are_the_states_of_alerting_in_which_something_is_left_to_do() -> None:
    assert set(TABS) == set(State) - OVER


def test_every_case_is_counted_on_the_tab_of_all_open_ones_or_on_that_of_the_others() -> None:
    states = {str(state): 1 for state in State}
    assert cases_of_tab("", states) == len(set(State) - OVER)
    assert cases_of_tab(SETTLED, states) == len(OVER)
    assert cases_of_tab("new", states) == 1
