"""What the signed record says of each service: what it deleted, and what goes by itself. Pure."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import orjson

from heedful.common.contracts import Deleted, Place, Remaining
from heedful.common.contracts.base import Contract, Name, UtcTime
from heedful.journey.record import Entry, EntryKind

SERVICES: Final = ("alerting", "ingest", "journey", "nlp")
"""Who must give a receipt; one of somebody else is recorded as well."""


class RecordedReceipt(Contract):
    """A receipt as an entry of the record holds it: without tenant and erasure, which the entry
    names itself."""

    part: int
    service: Name
    version: Name
    completed_at: UtcTime
    deleted: tuple[Deleted, ...] = ()
    remaining: tuple[Remaining, ...] = ()


@dataclass(frozen=True, slots=True)
class Obeyed:
    """One service's receipts of one erasure, put together."""

    service: str
    complete: bool
    receipts: int
    completed_at: datetime | None
    deleted: Mapping[str, int]
    remaining: Sequence[Remaining]


def obeyed(entries: Iterable[Entry], parts: int) -> list[Obeyed]:
    """One for each service that must answer, and for each that has.

    Args:
        entries: of one erasure.
        parts: how many it has.
    """
    given: dict[str, list[RecordedReceipt]] = defaultdict(list)
    for entry in entries:
        said = entry.said
        if said.get("kind") == EntryKind.RECEIPT:
            receipt = RecordedReceipt.parse(orjson.dumps(said.get("receipt")))
            given[receipt.service].append(receipt)
    services = sorted({*SERVICES, *given})
    return [_obeyed(service, given.get(service, ()), parts) for service in services]


def _obeyed(service: str, receipts: Sequence[RecordedReceipt], parts: int) -> Obeyed:
    deleted: Counter[str] = Counter()
    last: dict[tuple[Place, str], Remaining] = {}
    for receipt in receipts:
        deleted.update({one.kind: one.count for one in receipt.deleted})
        for left in receipt.remaining:
            known = last.get((left.place, left.name))
            if known is None or known.until < left.until:
                last[left.place, left.name] = left
    return Obeyed(
        service=service,
        complete=len(receipts) >= parts,
        receipts=len(receipts),
        completed_at=max((one.completed_at for one in receipts), default=None),
        deleted=dict(sorted(deleted.items())),
        remaining=[last[key] for key in sorted(last)],
    )
