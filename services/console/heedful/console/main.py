"""Wiring of the console."""

import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from heedful.common.db import Migrations
from heedful.common.environment import load
from heedful.common.serve import main as run
from heedful.common.service import Periodic, Platform, Service
from heedful.console.accounts.signing_in import FIRST, Accounts
from heedful.console.pages import board, entrance
from heedful.console.sessions.sessions import PURGE_EVERY_S, Limits, Sessions
from heedful.console.settings import WebSettings
from heedful.console.upstream.services import Services, open_services
from heedful.console.web.assets import Assets
from heedful.console.web.site import Site
from heedful.console.web.words import Words

SERVICE = "console"
MIGRATIONS = Migrations(schema="console", package="heedful.console.migrations")


def build(platform: Platform) -> Service:
    """The console on this platform; not started."""
    settings = load(WebSettings)
    return wired(platform, settings, open_services(settings, platform, _now), _now)


def wired(
    platform: Platform,
    settings: WebSettings,
    services: Services,
    now: Callable[[], datetime],
) -> Service:
    """The console before these services."""
    limits = Limits(
        timedelta(hours=settings.session_hours), timedelta(minutes=settings.idle_minutes)
    )
    sessions = Sessions(platform.engine, limits, now)
    accounts = Accounts(platform.engine, now)
    assets = Assets()
    site = Site(
        services,
        sessions,
        Words.load(),
        assets,
        zone=ZoneInfo(settings.zone),
        secure=settings.secure_cookies,
        now=now,
    )

    async def start() -> None:
        tenant = min(services.tenants)
        password = await accounts.first(tenant)
        if password is not None:
            # Standard output and not the log: a password must not be kept where logs go.
            sys.stdout.write(
                f"Console: sign in as {FIRST} with the password {password} (shown this once)\n"
            )
            sys.stdout.flush()

    return Service(
        name=SERVICE,
        routers=[entrance.router(site, accounts), board.router(site), assets.router()],
        migrations=MIGRATIONS,
        background=[Periodic("console.sessions", sessions.purge, 3 * PURGE_EVERY_S)],
        start=start,
        stop=services.close,
        uses_bus=False,
    )


def _now() -> datetime:
    return datetime.now(UTC)


def main() -> None:
    run("heedful-console", [build])
