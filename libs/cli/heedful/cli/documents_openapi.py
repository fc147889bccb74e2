"""`docs/openapi.json`: the HTTP interface of all four services on one port.

The services are wired on a platform that never connects, so nothing has to run for this.
"""

import contextlib
import importlib
import json
import os
from collections.abc import Iterator, Sequence
from typing import Any

from pydantic import SecretStr

from heedful.common.bus.embedded import EmbeddedBus
from heedful.common.db import create_engine, plain_dsn
from heedful.common.http.auth import Authenticator
from heedful.common.quota.quota import Quota
from heedful.common.quota.store_postgres import PostgresStore
from heedful.common.security.key_ring import ApiKeys
from heedful.common.security.secrets import SecretBox
from heedful.common.serve import build_app
from heedful.common.service import Build, Platform
from heedful.common.settings import PREFIX, Settings

SERVICES = ("ingest", "nlp", "journey", "alerting")

_NOWHERE = "postgresql://localhost/none"


def render() -> str:
    """The document as JSON with sorted keys."""
    return json.dumps(document(builds()), ensure_ascii=False, indent=2, sort_keys=True) + "\n"


def builds() -> list[Build]:
    """The wiring of every service."""
    return [importlib.import_module(f"heedful.{name}.main").build for name in SERVICES]


def document(builds: Sequence[Build]) -> dict[str, Any]:
    """The OpenAPI document of these services, as they serve it."""
    with _without_own_environment():
        given = platform()
        app = build_app(given, [build(given) for build in builds], [], "heedful")
    return app.openapi()


def platform() -> Platform:
    """A platform that is wired and never connects."""
    settings = Settings(database_url=SecretStr(_NOWHERE))
    engine = create_engine(settings, "documents")
    keys = ApiKeys((), engine)
    return Platform(
        settings=settings,
        url="http://127.0.0.1:8080",
        engine=engine,
        bus=EmbeddedBus(plain_dsn(settings), "documents"),
        secrets=SecretBox({"documents": bytes(32)}),
        auth=Authenticator(keys),
        quota=Quota(settings.quota, PostgresStore(engine), keys.tenant_quota),
    )


@contextlib.contextmanager
def _without_own_environment() -> Iterator[None]:
    """The document is that of the defaults, whatever is set where it is made."""
    kept = {name: os.environ.pop(name) for name in list(os.environ) if name.startswith(PREFIX)}
    try:
        yield
    finally:
        os.environ.update(kept)
