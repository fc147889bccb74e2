"""Fixtures of alerting's integration tests."""

from collections.abc import Sequence

import pytest

from heedful.alerting.main import MIGRATIONS
from heedful.common.db import Migrations
from heedful.common.service import Platform
from tests.integration.alerting.world import World


@pytest.fixture
def histories() -> Sequence[Migrations]:
    return (MIGRATIONS,)


@pytest.fixture
def world(platform: Platform) -> World:
    """Alerting on this test's database."""
    return World(platform)
