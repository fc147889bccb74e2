"""The live app of all services."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import httpx
import pytest

from heedful.alerting.main import MIGRATIONS as ALERTING
from heedful.common.db import Migrations
from heedful.common.db.migrate import COMMON
from heedful.common.topics import TOPICS
from heedful.ingest.main import MIGRATIONS as INGEST
from heedful.journey.main import MIGRATIONS as JOURNEY
from heedful.nlp.main import MIGRATIONS as NLP
from tests.contract.http.live import Live
from tests.contract.http.objects import Objects
from tests.databases import Databases
from tests.integration.conftest import API_KEY

HISTORIES: Sequence[Migrations] = (COMMON, INGEST, NLP, JOURNEY, ALERTING)


@dataclass(frozen=True)
class Target:
    """A running app, and what its tenant has: ids by their names in paths, as JSON."""

    url: str
    ids: str


@pytest.fixture(scope="module")
def target(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Target]:
    template = databases.template(HISTORIES, TOPICS)
    headers = {"X-API-Key": API_KEY}
    with (
        Live(databases, template, tmp_path_factory.mktemp("live")).running() as app,
        httpx.Client(base_url=app.url, headers=headers, timeout=30) as client,
    ):
        ids = Objects(client).fill()
        app.settle()
        yield Target(app.url, json.dumps(ids))
