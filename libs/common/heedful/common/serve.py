"""Run services as one process: start in order, serve, and drain in the reverse order."""

import asyncio
import contextlib
import logging
import math
import signal
import socket
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass

import uvicorn
import uvloop
from fastapi import FastAPI
from fastapi.responses import RedirectResponse
from fastapi_offline import FastAPIOffline
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from heedful.common import collector, metrics
from heedful.common.bus.base import Bus
from heedful.common.bus.embedded import EmbeddedBus
from heedful.common.bus.kafka import KafkaBus
from heedful.common.db import (
    DatabaseUnavailable,
    address,
    create_engine,
    migrate,
    ping,
    plain_dsn,
    refusal,
    require_migrated,
)
from heedful.common.db.migrate import COMMON
from heedful.common.environment import load
from heedful.common.errors import ConfigurationError, Fatal, HeedfulError, Retryable
from heedful.common.http import health, problems
from heedful.common.http.auth import Authenticator
from heedful.common.http.body import BodyLimits
from heedful.common.http.direct import Shortcut
from heedful.common.http.door import Door
from heedful.common.http.idempotency import Idempotency
from heedful.common.http.idempotency_store import PURGE_EVERY_S, AnswerStore
from heedful.common.http.middleware import RequestMiddleware
from heedful.common.http.openapi import describe
from heedful.common.http.protocol import bounded
from heedful.common.http.route import guarded, methods_by_path, shortcuts
from heedful.common.http.server import Server
from heedful.common.http.shedding import LoadShedding
from heedful.common.listen import listen, own_url, url_of
from heedful.common.logging import configure
from heedful.common.loop_lag import LoopLag
from heedful.common.quota.open import open_store
from heedful.common.quota.quota import PURGE_EVERY_S as PURGE_QUOTAS_EVERY_S
from heedful.common.quota.quota import Quota
from heedful.common.runtime import ConsumerRunner
from heedful.common.security.actors import open_tokens
from heedful.common.security.key_ring import ApiKeys
from heedful.common.security.secrets import SecretBox
from heedful.common.service import Background, Build, Periodic, Platform, Service
from heedful.common.settings import Settings
from heedful.common.topics import TOPICS
from heedful.common.tracing import UNTRACED, Tracing, tracing_of
from heedful.common.version import service_version

log = logging.getLogger(__name__)

_CONNECT_TRIES = 30
_CONNECT_EVERY_S = 2.0
_PURGE_STALL_S = 3 * PURGE_EVERY_S
_KEYS_STALL_S = 120.0


def _untold(*_: object) -> None:
    """Nobody wants to know; the log says it as well."""


@dataclass(frozen=True, slots=True)
class Milestones:
    """Called as a process goes through its life.

    Attributes:
        waiting: a server does not answer yet; given which one and why.
        ready: requests are answered; given the URL.
        stopping: it begins to stop, and drains next.
    """

    waiting: Callable[[str, str], None] = _untold
    ready: Callable[[str], None] = _untold
    stopping: Callable[[], None] = _untold


def open_bus(settings: Settings, client_id: str) -> Bus:
    """Kafka when bootstrap servers are set, else the embedded log; not connected yet."""
    if settings.kafka.bootstrap_servers:
        return KafkaBus(settings.kafka, client_id)
    return EmbeddedBus(plain_dsn(settings), client_id, settings.embedded)


def platform(settings: Settings, name: str, url: str, tracing: Tracing = UNTRACED) -> Platform:
    """Everything that services share in this process; not connected yet."""
    engine = create_engine(settings, name)
    tracing.engine(engine)
    keys = ApiKeys(settings.api_keys, engine, kept_s=settings.keys.stale_seconds)
    return Platform(
        settings=settings,
        url=url,
        engine=engine,
        bus=tracing.bus(open_bus(settings, name)),
        secrets=SecretBox.open_or_create(settings.secret_keys, settings.data_dir),
        auth=Authenticator(keys, open_tokens(settings.oidc, settings.console)),
        quota=Quota(settings.quota, open_store(settings.quota, engine), keys.tenant_quota),
        tracing=tracing,
    )


def build_app(
    given: Platform, services: Sequence[Service], parts: Sequence[health.Progressing], title: str
) -> FastAPI:
    """The HTTP side of the services on one port."""
    # Its /docs brings the page's scripts along: a cluster has no way to a CDN.
    app = FastAPIOffline(
        redoc_url=None,
        # A redirect would answer a POST to a path with one slash too many with no word at all.
        redirect_slashes=False,
        title=title,
        version=service_version(),
        # Its own spans hold the query and the path; ours (heedful.common.tracing) do not.
        telemetry={"tracing": False, "metrics": False, "logs": False},
        license_info={"name": "Apache-2.0", "identifier": "Apache-2.0"},
    )
    checks: dict[str, health.Check] = {}
    if not services or any(service.uses_bus for service in services):
        checks["bus"] = given.bus.check
    if not services or not all(service.serves_without_database for service in services):
        checks["database"] = lambda: ping(given.engine)
    for service in services:
        checks.update(service.checks)
        for router in service.routers:
            guarded(router)
            # Not included: FastAPI would make each route anew at the first request, and look for
            # it in every router of every request.
            app.routes.extend(router.routes)
    app.state.leaving = leaving = asyncio.Event()
    app.routes.extend(health.router(parts, checks, leaving).routes)
    routers = [router for service in services for router in service.routers]
    if not any(getattr(route, "path", None) == "/" for one in routers for route in one.routes):
        # Whoever opens the bare address finds the way.
        app.add_route("/", lambda _: RedirectResponse("/docs"), methods=["GET"])
    problems.install(app, methods_by_path(routers))
    describe(app)
    http = given.settings.http
    app.state.door = Door(given.quota, Idempotency(AnswerStore(given.engine, given.secrets)))
    body = BodyLimits.of(http)
    larger = {path: body.larger(size) for one in services for path, size in one.bodies.items()}
    app.add_middleware(Shortcut, routes=shortcuts(routers))
    streams = frozenset[str]().union(*(one.streams for one in services))
    app.add_middleware(LoadShedding, max_requests=http.max_requests, streams=streams)
    app.add_middleware(RequestMiddleware, body=body, larger=larger)
    if http.trusted_proxies:
        app.add_middleware(ProxyHeadersMiddleware, trusted_hosts=list(http.trusted_proxies))
    return app


def main(name: str, builds: Sequence[Build]) -> None:
    """Entry point of a service process: read settings, serve until SIGTERM, exit 0 or 1."""
    try:
        settings = load(Settings)
        configure(settings.log_level, settings.log_format)
        uvloop.run(serve(name, builds, settings))
    except ConfigurationError as error:
        sys.exit(f"{name}: {error}")
    except HeedfulError as error:
        log.critical("stopped", extra={"error": str(error)})
        sys.exit(1)


async def serve(
    name: str,
    builds: Sequence[Build],
    settings: Settings,
    milestones: Milestones = Milestones(),
) -> None:
    """Run until SIGTERM or SIGINT.

    Raises:
        ConfigurationError: a setting is wrong; nothing was started.
        Fatal: a part cannot go on; everything else was drained.
    """
    metrics.BUILD.labels(service_version()).set(1)
    listener = listen(settings.http)
    tracing = tracing_of(settings, name)
    given = platform(settings, name, own_url(listener), tracing)
    services = [build(given) for build in builds]
    async with _started(given, services, milestones.waiting):
        runners = [
            ConsumerRunner(tracing.subscription(subscription), given.bus, settings.consumer)
            for service in services
            for subscription in service.subscriptions
        ]
        background = [part for service in services for part in service.background]
        answers = AnswerStore(given.engine, given.secrets)
        purge = Periodic("idempotency.purge", answers.purge, _PURGE_STALL_S)
        keys = Periodic("keys", given.auth.keys.upkeep, _KEYS_STALL_S)
        quota = Periodic("quota.purge", given.quota.purge, 3 * PURGE_QUOTAS_EVERY_S)
        parts: list[Background] = [*runners, *background, purge, keys, quota, LoopLag()]
        app = build_app(given, services, parts, name)
        server = Server(
            uvicorn.Config(
                tracing.app(app),
                http=bounded(settings.http.max_head_bytes, settings.http.head_timeout_seconds),
                log_config=None,
                access_log=False,
                timeout_graceful_shutdown=math.ceil(settings.http.drain_seconds),
                timeout_keep_alive=30,
                server_header=False,
                # Whom to believe about addresses is a setting of ours: see build_app.
                proxy_headers=False,
            ),
            settings.http.linger_seconds,
            app.state.leaving,
        )
        closing = [service.closing for service in services if service.closing]
        await _run(server, listener, parts, milestones, closing)


async def _run(
    server: "Server",
    listener: socket.socket,
    parts: Sequence[Background],
    milestones: Milestones,
    closing: Sequence[Callable[[], None]],
) -> None:
    loop = asyncio.get_running_loop()
    collector.calm()
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    tasks = {asyncio.create_task(part.run(), name=part.name) for part in parts}
    http = asyncio.create_task(server.serve(sockets=[listener]), name="http")
    announce = asyncio.create_task(_announce(server, url_of(listener), milestones))
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait({*tasks, http, stopping}, return_when=asyncio.FIRST_COMPLETED)
    log.info("stopping")
    milestones.stopping()
    # Requests first: what they accept must still reach the log. Then the parts drain.
    for close in closing:
        close()
    if not http.done():
        await server.linger()
    server.should_exit = True
    await asyncio.wait({http})
    for part in parts:
        part.stop()
    for task in (announce, stopping):
        task.cancel()
    results = await asyncio.gather(http, *tasks, return_exceptions=True)
    for result in results:
        if isinstance(result, BaseException):
            log.critical("a part failed", exc_info=result)
    for result in results:
        if isinstance(result, BaseException):
            raise result
    log.info("stopped")


async def _announce(server: "Server", url: str, milestones: Milestones) -> None:
    await server.ready.wait()
    log.info("ready", extra={"url": url})
    milestones.ready(url)


@contextlib.asynccontextmanager
async def _started(
    given: Platform, services: Sequence[Service], waiting: Callable[[str, str], None]
) -> AsyncIterator[None]:
    """Database, migrations, bus, topics, services; taken down in the reverse order."""

    async def connected(what: str, connect: Callable[[], Awaitable[None]]) -> None:
        await _connected(what, connect, waiting)

    async with contextlib.AsyncExitStack() as stack:
        stack.push_async_callback(asyncio.to_thread, given.tracing.close)
        stack.push_async_callback(given.engine.dispose)
        stack.push_async_callback(given.quota.close)
        stack.push_async_callback(given.auth.keys.close)
        database = f"PostgreSQL at {address(given.engine)} (HEEDFUL_DATABASE_URL)"
        await connected(database, lambda: ping(given.engine))
        own = [service.migrations for service in services if service.migrations]
        if given.settings.migrate_at_start:
            await migrate(given.engine, [COMMON, *own])
        else:
            tables = f"heedful's tables in {database}"
            await connected(tables, lambda: require_migrated(given.engine, [COMMON, *own]))
        if any(service.uses_bus for service in services):
            stack.push_async_callback(given.bus.stop)
            brokers = given.settings.kafka.bootstrap_servers
            bus = f"Kafka at {brokers} (HEEDFUL_KAFKA__BOOTSTRAP_SERVERS)" if brokers else database
            await connected(bus, given.bus.start)
            if not brokers or given.settings.kafka.create_topics:
                await connected(bus, lambda: given.bus.create_topics(TOPICS))
        for service in services:
            if service.start is not None:
                await service.start()
            if service.stop is not None:
                stack.push_async_callback(service.stop)
        yield


async def _connected(
    what: str, connect: Callable[[], Awaitable[None]], waiting: Callable[[str, str], None]
) -> None:
    """Wait for a server that may start at the same time as we do."""
    for attempt in range(1, _CONNECT_TRIES + 1):
        try:
            await connect()
        except Retryable as error:
            said = refusal(error) if isinstance(error, DatabaseUnavailable) else None
            why = said or str(error)
            if attempt == _CONNECT_TRIES:
                raise Fatal(f"{what}: not there after {attempt} tries: {why}") from error
            log.warning("waiting", extra={"server": what, "error": why})
            if attempt == 1:
                waiting(what, why)
            await asyncio.sleep(_CONNECT_EVERY_S)
        else:
            return
