"""/healthz (alive: progress), /readyz (can serve), /metrics."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Literal, Protocol

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from prometheus_client import REGISTRY
from prometheus_client.exposition import choose_encoder
from pydantic import BaseModel, ConfigDict, Field

from heedful.common.errors import HeedfulError
from heedful.common.http.route import Route

log = logging.getLogger(__name__)

Check = Callable[[], Awaitable[None]]


class Life(BaseModel):
    """Whether each part makes progress."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"status": "ok", "parts": {"ingest.known": True}}]}
    )

    status: Literal["ok", "stalled"]
    parts: dict[str, bool]


class Readiness(BaseModel):
    """What each server behind this one says."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"status": "ready", "checks": {"database": "ok", "bus": "ok"}}]
        }
    )

    status: Literal["ready", "not ready"]
    checks: dict[str, str] = Field(description="`ok`, or what is wrong.")


class Progressing(Protocol):
    """Something whose life shows in its progress."""

    name: str

    def healthy(self, now: float) -> bool: ...


def router(
    parts: Sequence[Progressing], checks: Mapping[str, Check], leaving: asyncio.Event
) -> APIRouter:
    """Health routes.

    Args:
        parts: consumers and background loops; one without progress makes /healthz 503.
        checks: named dependencies; one that raises makes /readyz 503.
        leaving: set once the process stops, which makes /readyz 503.
    """
    routes = APIRouter(tags=["health"], route_class=Route)

    @routes.get(
        "/healthz",
        summary="Alive: every part makes progress",
        response_model=Life,
        responses={503: {"model": Life, "description": "A part does not"}},
    )
    async def get_health() -> JSONResponse:
        now = time.monotonic()
        states = {part.name: part.healthy(now) for part in parts}
        fine = all(states.values())
        return JSONResponse(
            {"status": "ok" if fine else "stalled", "parts": states}, 200 if fine else 503
        )

    @routes.get(
        "/readyz",
        summary="Ready: the servers behind this one answer",
        response_model=Readiness,
        responses={503: {"model": Readiness, "description": "One does not"}},
    )
    async def get_readiness() -> JSONResponse:
        async def answer(check: Check) -> str:
            try:
                await check()
            except (HeedfulError, OSError) as error:
                return str(error) or type(error).__name__
            except Exception as error:  # whatever it is, this cannot serve
                log.warning("readiness check failed", exc_info=error)
                return type(error).__name__
            return "ok"

        answers = await asyncio.gather(*(answer(check) for check in checks.values()))
        states = dict(zip(checks, answers, strict=True))
        if leaving.is_set():
            states["process"] = "stopping"
        fine = all(state == "ok" for state in states.values())
        return JSONResponse(
            {"status": "ready" if fine else "not ready", "checks": states}, 200 if fine else 503
        )

    @routes.get("/metrics", summary="Prometheus metrics", include_in_schema=False)
    async def get_metrics(request: Request) -> Response:
        # In the format that is asked for: only OpenMetrics has exemplars.
        encoded, kind = choose_encoder(request.headers.get("accept", ""))
        return Response(encoded(REGISTRY), media_type=kind)

    return routes
