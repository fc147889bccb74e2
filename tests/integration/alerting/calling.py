"""Routes of alerting, behind a client that calls them."""

from collections.abc import Sequence

import httpx
from fastapi import APIRouter

from heedful.common.serve import build_app
from heedful.common.service import Platform, Service
from tests.integration.conftest import API_KEY


def calling(
    platform: Platform,
    routers: Sequence[APIRouter],
    *,
    key: str | None = API_KEY,
    base_url: str = "http://alerting",
    faults_are_500: bool = False,
) -> httpx.AsyncClient:
    """To be entered.

    Args:
        key: None for somebody who has none.
        faults_are_500: an exception that nobody handles is an answer, as in production, and is
            not raised in the test.
    """
    app = build_app(platform, [Service("alerting", routers)], [], "alerting")
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(app, raise_app_exceptions=not faults_are_500),
        base_url=base_url,
        headers={} if key is None else {"X-API-Key": key},
    )
