"""All services on one database."""

from collections.abc import AsyncIterator, Sequence

import pytest

from heedful.alerting.main import MIGRATIONS as ALERTING
from heedful.common.db import Migrations
from heedful.common.service import Platform
from heedful.ingest.main import MIGRATIONS as INGEST
from heedful.journey.main import MIGRATIONS as JOURNEY
from heedful.nlp.main import MIGRATIONS as NLP
from tests.integration.ingest.channels import Parrot, installed
from tests.integration.tenancy.world import World, running


@pytest.fixture
def histories() -> Sequence[Migrations]:
    return (INGEST, NLP, JOURNEY, ALERTING)


@pytest.fixture
async def world(platform: Platform, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[World]:
    monkeypatch.setattr("heedful.ingest.main.adapters", lambda: installed(Parrot()))
    async with running(platform) as made:
        yield made
