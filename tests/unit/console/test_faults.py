"""What a service finds wrong stands beside the field that it is about."""

from heedful.console.upstream.errors import Invalid
from heedful.console.web.faults import Fault, faults


def test_places_are_told_without_the_body() -> None:
    members = {"errors": [{"at": "body.rules.0.name", "message": "is there twice"}]}
    error = Invalid("alerting", "bad-policy", "see errors", members)
    assert faults(error) == (Fault("rules.0.name", "is there twice"),)


def test_a_detail_that_begins_with_a_field_is_about_it() -> None:
    error = Invalid("alerting", "bad-url", "url: this address is not a public one")
    assert faults(error) == (Fault("url", "this address is not a public one"),)


def test_any_other_detail_is_about_the_whole() -> None:
    error = Invalid("alerting", "bad", "Too many: 200 at most")
    assert faults(error) == (Fault("", "Too many: 200 at most"),)
