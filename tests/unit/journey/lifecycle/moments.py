"""Events of one customer, as short as they can be said."""

from datetime import UTC, datetime, timedelta
from typing import Any

from heedful.common.contracts import Channel, Direction, InteractionKind
from heedful.common.datafiles import parse
from heedful.journey.lifecycle.events import Happened
from heedful.journey.lifecycle.lifecycle_file import LifecycleFile
from heedful.journey.lifecycle.stages import Lifecycle, Lifecycles

START = datetime(2026, 11, 1, 8, tzinfo=UTC)
SHIPPED = Lifecycles().default


def at(hours: float) -> datetime:
    return START + timedelta(hours=hours)


def said(hours: float, **fields: Any) -> Happened:
    """A feedback in a chat."""
    when = at(hours)
    given = {"channel": Channel.CHAT, **fields}
    number = given.pop("number", hours)
    return Happened(("feedback", "crm", f"f{number}"), when, when, **given)


def did(hours: float, kind: InteractionKind, **fields: Any) -> Happened:
    when = at(hours)
    return Happened(("interaction", "shop", f"i{hours}"), when, when, interaction=kind, **fields)


def ordered(hours: float, **fields: Any) -> Happened:
    return did(hours, InteractionKind.ORDER, **fields)


def called_back(hours: float) -> Happened:
    """A human turns to the customer."""
    return did(hours, InteractionKind.CONTACT, direction=Direction.OUTBOUND, actor="human")


def complained(hours: float, *topics: str, **fields: Any) -> Happened:
    return said(hours, intent="complaint", valence=-0.8, topics=topics, **fields)


def lifecycle(content: str) -> Lifecycle:
    return Lifecycle(parse("lifecycle.yaml", content, LifecycleFile))
