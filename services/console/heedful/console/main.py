"""Wiring of the console."""

import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from fastapi import APIRouter

from heedful.common.db import Migrations
from heedful.common.environment import load
from heedful.common.serve import main as run
from heedful.common.service import Periodic, Platform, Service
from heedful.console.accounts.keeping import Keeping
from heedful.console.accounts.signing_in import FIRST, Accounts
from heedful.console.live.streams import Streams
from heedful.console.pages import (
    board,
    case,
    customer,
    customers,
    deciding,
    entrance,
    insights,
    issues,
    journey_map,
    live,
    operating,
    password,
    search,
)
from heedful.console.sessions.sessions import PURGE_EVERY_S, Limits, Sessions
from heedful.console.settings import WebSettings
from heedful.console.signing import Alone
from heedful.console.upstream.members import Teams
from heedful.console.upstream.services import Services, open_services
from heedful.console.web.assets import Assets
from heedful.console.web.site import Site, Ways
from heedful.console.web.words import Words

if TYPE_CHECKING:
    from heedful.console.oidc.flow import Flow

SERVICE = "console"
MIGRATIONS = Migrations(schema="console", package="heedful.console.migrations")


def build(platform: Platform) -> Service:
    """The console on this platform; not started."""
    settings = load(WebSettings)
    services = open_services(settings, platform, _now)
    return wired(platform, settings, services, _elsewhere(platform, settings), _now)


def wired(
    platform: Platform,
    settings: WebSettings,
    services: Services,
    elsewhere: "Flow | None",
    now: Callable[[], datetime],
) -> Service:
    """The console before these services.

    Args:
        elsewhere: how people sign in at an identity provider; None: they do not.
    """
    limits = Limits(
        timedelta(hours=settings.session_hours), timedelta(minutes=settings.idle_minutes)
    )
    sessions = Sessions(platform.engine, limits, now)
    accounts = Accounts(platform.engine, now) if settings.local_accounts else None
    assets = Assets()
    site = Site(
        services,
        sessions,
        Words.load(),
        assets,
        ways=Ways(settings.local_accounts, elsewhere is not None),
        zone=ZoneInfo(settings.zone),
        secure=settings.secure_cookies,
        now=now,
    )

    async def start() -> None:
        password = await accounts.first(min(services.tenants)) if accounts else None
        if password is not None:
            # Standard output and not the log: a password must not be kept where logs go.
            sys.stdout.write(
                f"Console: sign in as {FIRST} with the password {password} (shown this once)\n"
            )
            sys.stdout.flush()

    teams = Teams(now)
    streams = Streams(
        lambda tenant: services.asked_by(Alone(tenant)).alerting, settings.max_streams
    )
    routers = [
        entrance.router(site, accounts),
        board.router(site, teams),
        live.router(site, streams),
        case.router(site, teams, platform.engine),
        issues.router(site, teams),
        journey_map.router(site, settings.insight_seconds),
        insights.router(site, settings.insight_seconds),
        search.router(site),
        customers.router(site),
        customer.router(site, platform.engine),
        deciding.router(site),
        assets.router(),
    ]
    if accounts is not None:
        routers.append(password.router(site, accounts))
    routers += operating.routers(site, Keeping(platform.engine, now) if accounts else None)
    if elsewhere is not None:
        routers.append(_elsewhere_router(site, elsewhere))
    return Service(
        name=SERVICE,
        routers=routers,
        migrations=MIGRATIONS,
        background=[Periodic("console.sessions", sessions.purge, 3 * PURGE_EVERY_S)],
        streams=frozenset({live.PATH}),
        start=start,
        closing=streams.close,
        stop=services.close,
        uses_bus=False,
    )


def _elsewhere(platform: Platform, settings: WebSettings) -> "Flow | None":
    if settings.oidc_client_id is None:
        return None
    # authlib takes a moment to load, which the laptop form has no use for.
    from heedful.console.oidc.opening import open_flow

    return open_flow(settings, platform, _now)


def _elsewhere_router(site: Site, flow: "Flow") -> APIRouter:
    from heedful.console.pages.elsewhere import router

    return router(site, flow)


def _now() -> datetime:
    return datetime.now(UTC)


def main() -> None:
    run("heedful-console", [build])
