"""A batch of events by what they mean to alerting, and what of it may be taken in."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

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
    named = {**batch.watched, **{key: one.feedback for key, one in batch.classified.items()}}
    heard = {key: _feedback_traces(tombstones, key, named.get(key)) for key in batch.feedback}
    contacts = {one: _contact_traces(tombstones, one) for one in batch.contacts}
    hashes = {one for traces in (*heard.values(), *contacts.values()) for one in traces.hashes}
    stones = await tombstones.find(connection, hashes)
    if not stones:
        return batch
    gone = {key for key, traces in heard.items() if met(traces, stones)}
    unheard = {one for one, traces in contacts.items() if met(traces, stones)}
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


def _feedback_traces(tombstones: Tombstones, key: FeedbackKey, watched: Heard | None) -> Traces:
    item = tombstones.item(key.tenant, ItemKind.FEEDBACK.value, key.source, key.id)
    if watched is None:
        return Traces(item)
    told = names(tombstones, key.tenant, watched.keys, anonymous=watched.anonymous)
    return Traces(item, watched.received_at, told)


def _contact_traces(tombstones: Tombstones, contact: Contact) -> Traces:
    tenant = contact.tenant
    item = tombstones.item(tenant, ItemKind.INTERACTION.value, contact.source, contact.id)
    told = names(tombstones, tenant, contact.keys, anonymous=contact.anonymous)
    return Traces(item, contact.received_at, told)
