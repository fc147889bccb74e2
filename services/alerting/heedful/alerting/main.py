"""Wiring of alerting."""

import uuid
from collections.abc import Awaitable, Callable
from datetime import timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncConnection

from heedful.alerting import configured, erasing, store_outcomes
from heedful.alerting.actions import Actions
from heedful.alerting.announcing import SERVICE
from heedful.alerting.api import (
    applications,
    applying,
    audit,
    board,
    calendar_days,
    calendar_previews,
    calendar_versions,
    calendars,
    case_changes,
    case_steps,
    cases,
    deliveries,
    dry_runs,
    endpoint_trials,
    endpoints,
    exports,
    issue_steps,
    issues,
    links,
    members,
    policies,
    reports,
)
from heedful.alerting.applying.loop import ApplicationLoop
from heedful.alerting.audit import anchors
from heedful.alerting.audit.adopting import Adopting
from heedful.alerting.audit.anchoring import Anchoring
from heedful.alerting.audit.recording import Recording
from heedful.alerting.consumer import AlertingHandler
from heedful.alerting.corrections import Corrections
from heedful.alerting.database import Database, surviving
from heedful.alerting.deliveries import DeliveryLoop
from heedful.alerting.endpoints import Endpoints
from heedful.alerting.erasing import CaseEraser
from heedful.alerting.failover import FailoverLoop
from heedful.alerting.figures.measuring import Measuring
from heedful.alerting.heartbeat import Heartbeat
from heedful.alerting.holiday_watch import HolidayWatch
from heedful.alerting.ledger import Ledger
from heedful.alerting.links import Links
from heedful.alerting.links.acting import LinkSteps
from heedful.alerting.links.carrying import CarriedLinks
from heedful.alerting.links.following import Following
from heedful.alerting.links.pacing import Pacing
from heedful.alerting.openings import Openings
from heedful.alerting.rearming import Rearming
from heedful.alerting.reports.posting import ReportLoop
from heedful.alerting.responses import Responses
from heedful.alerting.rulebook import Rulebook
from heedful.alerting.sending import Sender
from heedful.alerting.settings import AlertingSettings
from heedful.alerting.signals.consumer import SignalHandler
from heedful.alerting.storms import store_looks, store_silenced
from heedful.alerting.storms.carrying_out import IssueWork
from heedful.alerting.storms.flushing import StormLoop
from heedful.alerting.storms.steering import Steering
from heedful.alerting.timers import TimerLoop
from heedful.alerting.upkeep import Upkeep
from heedful.alerting.verifying import VerificationLoop
from heedful.alerting.watch import WatchLoop
from heedful.common.db import Migrations
from heedful.common.environment import load
from heedful.common.erasure import ErasureSubscriber, Tombstones, left_in_log, memory
from heedful.common.erasure.obeying import utc_now
from heedful.common.outbox import Relay
from heedful.common.retention import Kept, Retention, Rule
from heedful.common.runtime import Subscription
from heedful.common.security.secrets import instance_secret
from heedful.common.serve import main as run
from heedful.common.service import Periodic, Platform, Service
from heedful.common.topics import (
    CASE_EVENT,
    FEEDBACK_ENRICHED,
    FEEDBACK_RECEIVED,
    INTERACTION_RECORDED,
    JOURNEY_SIGNAL,
)

GROUP = "heedful.alerting"
MIGRATIONS = Migrations(schema="alerting", package="heedful.alerting.migrations")
TOPICS = (FEEDBACK_ENRICHED, INTERACTION_RECORDED, FEEDBACK_RECEIVED)
SIGNALS = "heedful.alerting.signals"
"""The group that reads signals: it is behind when journey is, and feedback is not."""
STALL_S = 120.0


def build(platform: Platform) -> Service:
    """Alerting on this platform; not started."""
    settings = load(AlertingSettings)
    zone = ZoneInfo(settings.zone)
    tombstones = Tombstones(SERVICE)
    database = Database(platform.engine, tombstones)
    worker = f"alerting-{uuid.uuid4()}"
    waiting: list[Periodic | Relay] = []

    def woken() -> None:
        for part in waiting:
            part.wake()

    ledger = Ledger(Rulebook(settings.policy), settings.public_url)
    openings = Openings(ledger)
    responses = Responses(ledger)
    handler = AlertingHandler(
        database,
        openings,
        Corrections(ledger),
        responses,
        patience=timedelta(seconds=settings.unclassified_seconds),
        woken=woken,
        zone=zone,
    )
    signals = SignalHandler(database, ledger, responses, woken)
    eraser = CaseEraser(tombstones, ledger)
    erasures = ErasureSubscriber(
        SERVICE,
        platform.engine,
        platform.secrets,
        tombstones,
        [eraser],
        lambda now: left_in_log([CASE_EVENT], now),
        woken,
    )
    personal = Links(settings.public_url, timedelta(seconds=settings.link_seconds))
    sender = DeliveryLoop(
        database,
        Sender(
            platform.secrets,
            settings.target_policy,
            settings.smtp,
            timeout_seconds=settings.delivery_timeout_seconds,
            connections=settings.delivery_concurrency,
            traces=platform.tracing.client(),
        ),
        worker,
        links=CarriedLinks(database, platform.secrets, personal),
        concurrency=settings.delivery_concurrency,
        timeout_seconds=settings.delivery_timeout_seconds,
        woken=woken,
    )
    accounts = Endpoints(
        database,
        platform.secrets,
        settings.target_policy,
        public_url=settings.public_url,
        links=personal,
        mail=settings.smtp is not None,
    )
    failover = FailoverLoop(database, woken)
    relay = Relay(
        SERVICE, platform.engine, lambda: platform.bus.producer, platform.settings.consumer
    )
    # Commits and free places wake these two; the clock wakes the others.
    waiting += [relay, _loop("deliveries", sender.step)]
    timers = TimerLoop(database, ledger, responses, worker, woken)
    watch = WatchLoop(database, openings, responses, woken)
    beating = []
    if settings.heartbeat_url is not None:
        heartbeat = Heartbeat(database, settings.heartbeat_url.get_secret_value())
        beating.append(_loop("heartbeat", heartbeat.step))
    upkeep = Upkeep(
        database, timedelta(days=settings.contact_days), timedelta(days=settings.feedback_days)
    )
    at_work = _loop("applications", ApplicationLoop(database, ledger, responses, woken).step)

    anchoring = Anchoring(database, timedelta(seconds=settings.audit_anchor_seconds))
    adopting = Adopting(database)

    async def strip_closed(connection: AsyncConnection, rule: Rule, limit: int) -> int:
        return await erasing.strip_closed(connection, utc_now(), rule, limit)

    retention = Retention(
        SERVICE,
        platform.engine,
        [
            Kept("closed_cases", settings.closed_case_days, strip_closed),
            Kept("deliveries", settings.delivery_days, store_outcomes.delete_old),
            Kept("closed_issues", settings.closed_case_days, store_looks.delete_old),
            Kept("silenced_notices", settings.delivery_days, store_silenced.delete_old),
            *memory(tombstones, platform.settings.privacy.tombstone_days),
        ],
        utc_now,
    )

    async def start() -> None:
        await erasures.start()
        matching = await instance_secret(platform.engine, platform.secrets, "alerting-match")
        handler.use_match_secret(matching)
        signals.use_match_secret(matching)
        eraser.use_match_secret(matching)
        ledger.use_key_secret(
            await instance_secret(platform.engine, platform.secrets, "partition-key")
        )
        anchoring.use_secret(
            await instance_secret(platform.engine, platform.secrets, anchors.SECRET)
        )
        await _configure_endpoint(platform, database, settings)

    async def stop() -> None:
        await sender.stop()
        await relay.close()

    return Service(
        name=SERVICE,
        routers=[
            # Before the path of one case.
            case_changes.router(database, platform.auth),
            cases.router(database, platform.auth),
            case_steps.router(database, Actions(database, ledger, woken, zone), platform.auth),
            issues.router(database, platform.auth),
            issue_steps.router(database, Steering(database, ledger.rulebook, woken), platform.auth),
            board.router(database, platform.auth),
            policies.router(database, ledger.rulebook, platform.auth),
            dry_runs.router(database, ledger.rulebook, platform.auth, zone),
            applying.router(database, ledger.rulebook, platform.auth, at_work.wake),
            applications.router(database, platform.auth),
            calendars.router(database, platform.auth),
            calendar_versions.router(database, ledger.rulebook, platform.auth),
            calendar_previews.router(database, platform.auth),
            calendar_days.router(database, platform.auth),
            exports.router(database, platform.auth),
            reports.router(database, platform.auth, zone),
            endpoints.router(database, accounts, platform.auth),
            endpoint_trials.router(database, accounts, platform.auth, woken),
            deliveries.router(database, platform.auth, woken),
            members.router(database, platform.auth),
            links.router(Following(database, LinkSteps(ledger), woken), Pacing()),
            audit.router(database, platform.auth),
        ],
        migrations=MIGRATIONS,
        subscriptions=[
            Subscription(GROUP, TOPICS, handler),
            Subscription(SIGNALS, (JOURNEY_SIGNAL,), signals),
            erasures.subscription,
        ],
        background=[
            *waiting,
            *beating,
            _loop("timers", timers.step),
            _loop("rearming", Rearming(database, ledger).step),
            _loop("failover", failover.step),
            _loop("storms", StormLoop(database, settings.public_url, woken).step),
            _loop("issues", IssueWork(database, ledger, woken).step),
            _loop("watch", watch.step),
            _loop("upkeep", upkeep.step),
            _loop("figures", Measuring(database).step),
            at_work,
            _loop("verifications", VerificationLoop(database, ledger, woken).step),
            _loop("reports", ReportLoop(database, zone, settings.public_url, woken).step),
            _loop("holidays", HolidayWatch(database).step),
            _loop("anchors", anchoring.step),
            _loop("adoption", adopting.step),
            _loop("administration", Recording(database).step),
            retention.loop(),
        ],
        start=start,
        stop=stop,
    )


async def _configure_endpoint(
    platform: Platform, database: Database, settings: AlertingSettings
) -> None:
    given = settings.webhook_secret
    secret = None if given is None else given.get_secret_value().encode()
    async with database.begin() as (connection, now):
        await configured.follow(connection, now, platform.secrets, settings.webhook_url, secret)


def _loop(name: str, step: Callable[[], Awaitable[float]]) -> Periodic:
    return Periodic(f"alerting.{name}", surviving(name, step), STALL_S)


def main() -> None:
    run("heedful-alerting", [build])
