"""Fixtures of the end-to-end tests."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.receiver import Receiver, receiving

FORMS = ("embedded", pytest.param("kafka", marks=pytest.mark.kafka))


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


@pytest.fixture
def tmp_path() -> Iterator[Path]:
    """A folder beside pytest's own, out of which any other run on the machine shuts PostgreSQL's
    user when it starts."""
    with tempfile.TemporaryDirectory(prefix="heedful-e2e-", ignore_cleanup_errors=True) as folder:
        yield Path(folder)
