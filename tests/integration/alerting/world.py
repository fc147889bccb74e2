"""Alerting on a real database, with a clock that the test moves."""

import itertools
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection

from heedful.alerting import store_calendars, store_cases, store_endpoints, webhook, work
from heedful.alerting.actions import Actions, Making, Seen
from heedful.alerting.announcing import SERVICE
from heedful.alerting.applying.loop import ApplicationLoop
from heedful.alerting.case import Case
from heedful.alerting.consumer import AlertingHandler
from heedful.alerting.corrections import Corrections
from heedful.alerting.database import Database
from heedful.alerting.deliveries import DeliveryLoop
from heedful.alerting.endpoint import Endpoint
from heedful.alerting.endpoint_kinds import EndpointKind
from heedful.alerting.endpoint_rows import Sealed
from heedful.alerting.endpoints import Endpoints
from heedful.alerting.folding import fold
from heedful.alerting.ledger import Ledger
from heedful.alerting.links import Links
from heedful.alerting.links.carrying import CarriedLinks
from heedful.alerting.openings import Openings
from heedful.alerting.policies.builtin import builtin
from heedful.alerting.records import FeedbackKey
from heedful.alerting.responses import Responses
from heedful.alerting.rulebook import Rulebook
from heedful.alerting.sending import Sender
from heedful.alerting.signals.consumer import SignalHandler
from heedful.alerting.storms.carrying_out import IssueWork
from heedful.alerting.storms.flushing import StormLoop
from heedful.alerting.storms.steering import Steering
from heedful.alerting.timers import TimerLoop
from heedful.alerting.watch import WatchLoop
from heedful.alerting.work import ContactKind
from heedful.common.bus.base import LogRecord
from heedful.common.contracts import (
    Actor,
    ActorType,
    Channel,
    Colour,
    Contract,
    Direction,
    Enrichment,
    Feedback,
    Identifier,
    IdentifierType,
    Interaction,
    InteractionKind,
    Light,
    Reason,
    Versions,
)
from heedful.common.erasure import Tombstones
from heedful.common.events import Delivery, from_record, to_record
from heedful.common.http.targets import TargetPolicy
from heedful.common.outbox import Relay
from heedful.common.runtime import Handler
from heedful.common.service import Platform
from heedful.common.settings import ConsumerSettings
from heedful.common.topics import TOPICS
from tests.integration.conftest import TENANT

T0 = datetime(2026, 3, 1, 8, tzinfo=UTC)
HOUR = timedelta(hours=1)
POLICY = builtin(24 * HOUR, 48 * HOUR, 72 * HOUR, HOUR)
PUBLIC_URL = "https://heedful.example.com"
LINK_LIFE = 24 * HOUR
PATIENCE = timedelta(minutes=15)
KEY = Actor(type=ActorType.SYSTEM, id="key-1")
SECRET = "whsec_aGVlZGZ1bC1lMmUtc2VjcmV0LTMyLWJ5dGVzLWxvbmc="
_TOPIC_OF = {topic.payload: topic for topic in TOPICS}
_VERSIONS = Versions(model="m", lexicon="l", taxonomy="t", policy="p")


class World:
    """The parts of alerting, wired as main does, but stepped by hand."""

    def __init__(self, platform: Platform) -> None:
        self.platform = platform
        self.now = T0
        self.woken = 0
        self.tombstones = Tombstones(SERVICE)
        self.tombstones.use_secret(b"t" * 32)
        self.database = Database(platform.engine, self.tombstones, self._read_clock)
        self.rulebook = Rulebook(POLICY)
        self.links = Links(PUBLIC_URL, LINK_LIFE)
        self.ledger = Ledger(self.rulebook, PUBLIC_URL)
        self.ledger.use_key_secret(b"k" * 32)
        self.openings = Openings(self.ledger)
        self.responses = Responses(self.ledger)
        self.handler = self.replica()
        self.signals = self.signal_handler()
        self.watch = WatchLoop(self.database, self.openings, self.responses, self._wake)
        self.timers = self.timer_loop("worker-1")
        self.applications = self.application_loop()
        self.actions = Actions(self.database, self.ledger, self._wake, UTC)
        self.storms = StormLoop(self.database, "https://heedful.example.com", self._wake)
        self.issue_work = IssueWork(self.database, self.ledger, self._wake)
        self.steering = Steering(self.database, self.rulebook, self._wake)
        self._offsets = itertools.count()

    def replica(self) -> AlertingHandler:
        """What another process would have of its own."""
        made = AlertingHandler(
            self.database,
            self.openings,
            Corrections(self.ledger),
            self.responses,
            PATIENCE,
            self._wake,
        )
        made.use_match_secret(b"m" * 32)
        return made

    def signal_handler(self) -> SignalHandler:
        """What another process would have of its own."""
        made = SignalHandler(self.database, self.ledger, self.responses, self._wake)
        made.use_match_secret(b"m" * 32)
        return made

    def timer_loop(self, worker: str) -> TimerLoop:
        return TimerLoop(self.database, self.ledger, self.responses, worker, self._wake)

    def application_loop(self) -> ApplicationLoop:
        return ApplicationLoop(self.database, self.ledger, self.responses, self._wake)

    def delivery_loop(self, worker: str = "sender-1", **changes: Any) -> DeliveryLoop:
        """Sends wherever it is told, as long as no other `policy` is given."""
        options = {"policy": TargetPolicy(allow_private=True), "smtp": None, **changes}
        concurrency, timeout = options.get("concurrency", 20), options.get("timeout_seconds", 5)
        sender = Sender(
            self.platform.secrets,
            options["policy"],
            options["smtp"],
            timeout_seconds=timeout,
            connections=concurrency,
        )
        return DeliveryLoop(
            self.database,
            sender,
            worker,
            links=CarriedLinks(
                self.database, self.platform.secrets, options.get("links", self.links)
            ),
            concurrency=concurrency,
            timeout_seconds=timeout,
            woken=self._wake,
            spread=lambda: 0.0,
        )

    def endpoints(self, **policy: Any) -> Endpoints:
        """Only public targets, as long as nothing else is said."""
        return Endpoints(
            self.database,
            self.platform.secrets,
            TargetPolicy(**policy),
            public_url=PUBLIC_URL,
            links=self.links,
            mail=True,
        )

    async def publish(self) -> None:
        """What the cases' events are in the outbox for."""
        bus = self.platform.bus
        await Relay(SERVICE, self.platform.engine, lambda: bus.producer, ConsumerSettings()).close()

    async def consume(self, *payloads: Contract, by: Handler | None = None) -> None:
        handler = self.handler if by is None else by
        results = await handler([self._delivery(payload) for payload in payloads])
        assert list(results) == [[]] * len(payloads)

    async def fire_until(self, moment: datetime) -> None:
        """Let time pass: fire all that is due until then, each at its time."""
        while True:
            due = await self.query("SELECT min(due_at) AS at FROM alerting.timer")
            if due[0].at is None or due[0].at > moment:
                break
            self.now = max(self.now, due[0].at)
            await self.timers.step()
        self.now = moment

    async def apply_all(self) -> None:
        """Do what was ordered to be applied."""
        while await self.applications.step() == 0.0:
            pass

    async def query(self, sql: str, **values: Any) -> Sequence[Row[Any]]:
        async with self.platform.engine.connect() as connection:
            return (await connection.execute(text(sql), values)).all()

    async def kinds(self, case_id: str) -> list[tuple[str, str | None]]:
        """Kind and clock of a case's events; checks the sequence and the stored fold."""
        events = await self.query(
            "SELECT * FROM alerting.case_event WHERE case_id = :id ORDER BY sequence", id=case_id
        )
        assert [event.sequence for event in events] == list(range(1, len(events) + 1))
        await self.case(case_id, events)
        return [(event.kind, event.clock) for event in events]

    async def add_robot(
        self, kind: EndpointKind, url: str, secret: str | None = None, **fields: Any
    ) -> str:
        """An endpoint of another kind than the standard one, as the API makes it."""
        wanted = Endpoint("", TENANT, url, None, (), True, self.now, kind, **fields)
        made, _ = await self.endpoints(allow_private=True).create(wanted, url, secret, KEY)
        return made.id

    async def case(self, case_id: str, events: Sequence[Row[Any]] | None = None) -> Case:
        """A case as it is stored, which is what its events say."""
        if events is None:
            events = await self.query(
                "SELECT * FROM alerting.case_event WHERE case_id = :id ORDER BY sequence",
                id=case_id,
            )
        async with self.database.begin() as (connection, _):
            stored = (await store_cases.lock_cases(connection, [case_id]))[case_id]
            steps = [store_cases.step_of(one) for one in events]
            refs = {(stored.tenant, terms.calendar) for step in steps for terms in step.terms}
            found = await store_calendars.versions(connection, refs)
        assert stored.case == fold(steps, {ref: one for (_, ref), one in found.items()})
        return stored.case

    async def take(self, case_id: str, making: Making) -> None:
        await self.actions.take(Seen(TENANT, case_id), making)

    async def acknowledge(self, case_id: str, actor: Actor, note: str | None = None) -> None:
        await self.take(case_id, lambda _, now: work.acknowledged(now, actor, note))

    async def respond(self, case_id: str, actor: Actor, note: str | None = None) -> None:
        await self.take(
            case_id,
            lambda case, now: work.contacted(case, now, actor, ContactKind.CALL, now, note),
        )

    async def note(self, case_id: str, actor: Actor, note: str) -> None:
        await self.take(case_id, lambda _, now: work.noted(now, actor, note))

    async def plan(
        self, case_id: str, actor: Actor, action: str = "call back", owner: str = "li"
    ) -> None:
        due = T0 + 60 * HOUR
        await self.take(case_id, lambda _, now: work.planned(now, actor, owner, action, due))

    async def land(
        self, case_id: str, actor: Actor, action: str = "replaced", cause: str = "part"
    ) -> None:
        await self.take(case_id, lambda _, now: work.landed(now, actor, cause, action, ()))

    async def close(self, case_id: str, actor: Actor, note: str | None = None) -> None:
        await self.take(case_id, lambda case, now: work.closed(case, now, actor, note))

    async def add_endpoint(self, url: str, *, endpoint_id: str = "ep", tenant: str = TENANT) -> str:
        sealed = self.platform.secrets.seal(SECRET.encode(), f"endpoint:{endpoint_id}")
        made = Endpoint(endpoint_id, tenant, url, None, (), True, self.now)
        async with self.database.begin() as (connection, _):
            await store_endpoints.insert(connection, made, Sealed(sealed))
        assert webhook.secret_bytes(SECRET)
        return endpoint_id

    def _delivery(self, payload: Contract) -> Delivery:
        topic = _TOPIC_OF[type(payload)]
        out = to_record(topic, payload, id="e", source="/test", key="k", time=self.now)
        record = LogRecord(topic.name, 0, next(self._offsets), 0, out.key, out.value, out.headers)
        return from_record(record, topic)

    async def _read_clock(self, _connection: AsyncConnection) -> datetime:
        return self.now

    def _wake(self) -> None:
        self.woken += 1


Make = Callable[..., DeliveryLoop]
"""Of the fixture `make`: makes delivery loops."""


async def send(loop: DeliveryLoop) -> None:
    """One step, and all that it started."""
    await loop.step()
    await loop.drained()


def phone(value: str) -> Identifier:
    return Identifier(type=IdentifierType.PHONE, value=value)


def feedback(number: int = 1, **changes: Any) -> Feedback:
    values: dict[str, Any] = {
        "tenant": TENANT,
        "source": "calls",
        "id": f"f{number}",
        "channel": Channel.CALL,
        "text": "机器着火了",
        "occurred_at": T0 - timedelta(minutes=1),
        "received_at": T0,
        "identifiers": (phone("138 0013 8000"),),
        "conversation_id": f"conv-{number}",
        "touchpoint": f"touchpoint-{number}",
    }
    return Feedback(**{**values, **changes})


def enriched(of: Feedback, colour: Colour = Colour.RED) -> Enrichment:
    return Enrichment(
        tenant=of.tenant,
        id=f"en-{of.id}",
        feedback=of,
        enriched_at=T0,
        language="zh",
        light=Light(
            colour=colour, reasons=(Reason(code="fire", label_zh="起火", label_en="Fire"),)
        ),
        versions=_VERSIONS,
    )


def contact(number: int = 1, **changes: Any) -> Interaction:
    values: dict[str, Any] = {
        "tenant": TENANT,
        "source": "crm",
        "id": f"i{number}",
        "kind": InteractionKind.CONTACT,
        "occurred_at": T0 + HOUR,
        "received_at": T0 + HOUR,
        "direction": Direction.OUTBOUND,
        "actor": Actor(type=ActorType.HUMAN, id="agent-7"),
        "identifiers": (phone("+8613800138000"),),
    }
    return Interaction(**{**values, **changes})


def case_id(of: Feedback) -> str:
    return FeedbackKey.of(of).case_id
