"""Why journey computed nothing."""

from heedful.console.insights.refused import refused
from heedful.console.upstream.errors import Invalid


def test_a_parameter_is_named_with_what_is_wrong() -> None:
    told = {"errors": [{"at": "query.journeys", "message": "at least 20"}, "nonsense"]}
    found = refused(Invalid("journey", "invalid", "not as documented", told))
    assert (dict(found.faults), found.first_day) == ({"journeys": "at least 20"}, None)


def test_too_many_events_say_from_when_on_it_would_do() -> None:
    told = {"events": 4_100_000, "from": "2026-04-12T00:00:00Z"}
    found = refused(Invalid("journey", "too-many-events", "ask for less", told))
    assert (found.first_day, found.faults) == ("2026-04-12", {})


def test_what_is_told_otherwise_is_in_the_words_of_the_service() -> None:
    found = refused(Invalid("journey", "bad-range", "from is not earlier", {"from": 7}))
    assert (found.detail, found.first_day, found.faults) == ("from is not earlier", None, {})
