"""A batch of events by what they mean to alerting, and what of it may be taken in."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from heedful.alerting.announcing import SERVICE
from heedful.alerting.corrections import Corrected
from heedful.alerting.mentions import Counts
from heedful.alerting.records import Classified, Contact, FeedbackKey, Heard
from heedful.common import metrics
from heedful.common.contracts import ItemKind
from heedful.common.erasure import Tombstones, Traces, met


@dataclass(slots=True)
class Batch:
    """One entry per feedback."""

    watched: dict[FeedbackKey, Heard] = field(default_factory=dict)
    classified: dict[FeedbackKey, Classified] = field(default_factory=dict)
    corrected: dict[str, Corrected] = field(default_factory=dict)
    contacts: list[Contact] = field(default_factory=list)
    counted: dict[FeedbackKey, Counts] = field(default_factory=dict)

    @property
    def feedback(self) -> set[FeedbackKey]:
        """The key of every feedback in it."""
        corrected = (one.key for one in self.corrected.values())
        return {*self.watched, *self.classified, *corrected}

    def without(self, gone: Collection[FeedbackKey], contacts: Collection[Contact]) -> "Batch":
        return Batch(
            watched={key: one for key, one in self.watched.items() if key not in gone},
            classified={key: one for key, one in self.classified.items() if key not in gone},
            corrected={name: one for name, one in self.corrected.items() if one.key not in gone},
            contacts=[one for one in self.contacts if one not in contacts],
            counted={key: one for key, one in self.counted.items() if key not in gone},
        )


async def living(connection: AsyncConnection, tombstones: Tombstones, batch: Batch) -> Batch:
    """The batch without what is of customers who were erased."""
    feedback = {key: _item(tombstones, ItemKind.FEEDBACK, key) for key in batch.feedback}
    contacts = {one: _item(tombstones, ItemKind.INTERACTION, one) for one in batch.contacts}
    if not feedback and not contacts:
        return batch
    known = {**batch.watched, **{key: one.feedback for key, one in batch.classified.items()}}
    stones, last = await tombstones.look(connection, {*feedback.values(), *contacts.values()})
    heard = {
        key: _feedback_traces(tombstones, item, known.get(key), last)
        for key, item in feedback.items()
    }
    told = {one: _contact_traces(tombstones, item, one, last) for one, item in contacts.items()}
    named = {name for traces in (*heard.values(), *told.values()) for name in traces.names}
    stones = {**stones, **await tombstones.find(connection, named)}
    if not stones:
        return batch
    gone = {key for key, traces in heard.items() if met(traces, stones)}
    unheard = {one for one, traces in told.items() if met(traces, stones)}
    metrics.ERASED_AGAIN.labels(SERVICE).inc(len(gone) + len(unheard))
    return batch.without(gone, unheard)


def names(
    tombstones: Tombstones, tenant: str, keys: Sequence[str], *, anonymous: bool
) -> list[bytes]:
    """What tombstones of match keys are found by.

    Args:
        anonymous: no key is of an identifier that names somebody, so the conversation counts.
    """
    of = tombstones.conversation if anonymous else tombstones.identifier
    return [of(tenant, key) for key in keys]


def _item(tombstones: Tombstones, kind: ItemKind, one: FeedbackKey | Contact) -> bytes:
    return tombstones.item(one.tenant, kind.value, one.source, one.id)


def _feedback_traces(
    tombstones: Tombstones, item: bytes, heard: Heard | None, last: datetime | None
) -> Traces:
    if heard is None or last is None or heard.received_at > last:
        return Traces(item)
    keys, anonymous = heard.customer.keys, heard.customer.anonymous
    told = names(tombstones, heard.key.tenant, keys, anonymous=anonymous)
    return Traces(item, heard.received_at, told)


def _contact_traces(
    tombstones: Tombstones, item: bytes, contact: Contact, last: datetime | None
) -> Traces:
    if last is None or contact.received_at > last:
        return Traces(item)
    told = names(tombstones, contact.tenant, contact.keys, anonymous=contact.anonymous)
    return Traces(item, contact.received_at, told)
