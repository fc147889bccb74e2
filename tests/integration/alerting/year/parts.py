"""Alerting's own parts, wired as its main does, under a clock that is told."""

from contextvars import ContextVar
from datetime import UTC, datetime, timedelta
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from heedful.alerting.actions import Actions
from heedful.alerting.announcing import SERVICE
from heedful.alerting.audit import anchors
from heedful.alerting.audit.anchoring import Anchoring
from heedful.alerting.consumer import AlertingHandler
from heedful.alerting.corrections import Corrections
from heedful.alerting.database import Database
from heedful.alerting.deliveries import DeliveryLoop
from heedful.alerting.ledger import Ledger
from heedful.alerting.links.carrying import CarriedLinks
from heedful.alerting.links.making import Links
from heedful.alerting.openings import Openings
from heedful.alerting.responses import Responses
from heedful.alerting.rulebook import Rulebook
from heedful.alerting.sending import Sender
from heedful.alerting.settings import AlertingSettings
from heedful.alerting.timers import TimerLoop
from heedful.alerting.watch import WatchLoop
from heedful.common.erasure import Tombstones
from heedful.common.http.targets import TargetPolicy
from heedful.common.security.secrets import SecretBox, instance_secret
from heedful.common.settings import Settings

NOW: Final[ContextVar[datetime]] = ContextVar("now")
"""The time of whatever is done in this context."""

DELIVERY_TIMEOUT_S: Final = 10.0
_CONCURRENCY: Final = 20


async def told(_connection: AsyncConnection) -> datetime:
    """The clock of every transaction."""
    return NOW.get()


class Parts:
    """Those of one replica."""

    def __init__(self, name: str, engine: AsyncEngine, settings: Settings) -> None:
        alerting = AlertingSettings()
        tombstones = Tombstones(SERVICE)
        tombstones.use_secret(b"t" * 32)
        self.engine = engine
        self.secrets = SecretBox.open_or_create(settings.secret_keys, settings.data_dir)
        self.database = Database(engine, tombstones, told)
        # Storms have tests of their own: the oracle knows of none.
        policy = alerting.policy.model_copy(update={"storm": None})
        self.ledger = Ledger(Rulebook(policy), "https://heedful.example.com")
        openings, responses = Openings(self.ledger), Responses(self.ledger)
        patience = timedelta(seconds=alerting.unclassified_seconds)
        corrections = Corrections(self.ledger)
        self.handler = AlertingHandler(
            self.database, openings, corrections, responses, patience, _wake
        )
        self.watch = WatchLoop(self.database, openings, responses, _wake)
        self.timers = TimerLoop(self.database, self.ledger, responses, name, _wake)
        self.actions = Actions(self.database, self.ledger, _wake, UTC)
        self.anchoring = Anchoring(self.database, timedelta(minutes=5))
        sender = Sender(
            self.secrets,
            TargetPolicy(allow_private=True),
            None,
            timeout_seconds=DELIVERY_TIMEOUT_S,
            connections=_CONCURRENCY,
        )
        self.deliveries = DeliveryLoop(
            self.database,
            sender,
            name,
            links=CarriedLinks(self.database, self.secrets, Links(None, timedelta(days=1))),
            concurrency=_CONCURRENCY,
            timeout_seconds=DELIVERY_TIMEOUT_S,
            woken=_wake,
            spread=lambda: 0.0,
        )

    async def use_secrets(self) -> None:
        """Those that all replicas of a database share."""
        self.handler.use_match_secret(
            await instance_secret(self.engine, self.secrets, "alerting-match")
        )
        self.ledger.use_key_secret(
            await instance_secret(self.engine, self.secrets, "partition-key")
        )
        self.anchoring.use_secret(await instance_secret(self.engine, self.secrets, anchors.SECRET))


def _wake() -> None:
    """Nobody sleeps here."""
