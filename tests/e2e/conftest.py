"""Fixtures of the end-to-end tests."""

from collections.abc import Iterator

import pytest

from tests.e2e.receiver import Receiver, receiving

FORMS = ("embedded", "kafka")


@pytest.fixture(params=FORMS)
def form(request: pytest.FixtureRequest) -> str:
    """Both forms of the platform."""
    chosen: str = request.param
    return chosen


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A webhook receiver that verifies signatures."""
    with receiving() as running:
        yield running
