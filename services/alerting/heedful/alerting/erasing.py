"""What an erasure, or age, takes out of alerting."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from heedful.alerting import matching, store_cases, store_erasing
from heedful.alerting.audit import Entry, Subject, record
from heedful.alerting.audit.entries import WORDS_ERASED
from heedful.alerting.case import SERVICE, Step
from heedful.alerting.ledger import Ledger
from heedful.alerting.records import FeedbackKey, Tally
from heedful.alerting.signals import store_forgetting
from heedful.common.contracts import CaseEventKind, Identifier, ItemKind
from heedful.common.erasure import Erasing, Names, Tombstones
from heedful.common.errors import Retryable
from heedful.common.retention import Rule


class CaseEraser:
    """Cases lose their words and keys; what leads to them goes.

    The respond clock of an open case runs on: that nobody can call back any more is told by the
    step `erased`, and hides no breach.
    """

    def __init__(self, tombstones: Tombstones, ledger: Ledger) -> None:
        self._tombstones = tombstones
        self._ledger = ledger
        self._match_secret: bytes | None = None

    def use_match_secret(self, secret: bytes) -> None:
        """The key of match keys; must be set before the first erasure."""
        self._match_secret = secret

    async def __call__(
        self, connection: AsyncConnection, erasing: Erasing, now: datetime
    ) -> Mapping[str, int]:
        tenant, until = erasing.tenant, erasing.until
        identifiers, talks = self._match_keys(tenant, erasing.names)
        await self._bury(connection, erasing, identifiers, talks, now)
        feedback = erasing.keys(ItemKind.FEEDBACK)
        keys = [*identifiers, *talks]
        done = Counter[str]()
        done["watched_feedback"] = await store_erasing.forget_feedback(
            connection, tenant, feedback, keys, until
        )
        done["contacts"] = await store_erasing.forget_contacts(
            connection, tenant, erasing.keys(ItemKind.INTERACTION), keys, until
        )
        answered = await store_erasing.forget_answers(
            connection, tenant, erasing.keys(ItemKind.INTERACTION)
        )
        forgotten = await store_forgetting.forget(connection, tenant, erasing.customer_ids)
        if forgotten.signals:
            done["signals"] = forgotten.signals
        wanted = {FeedbackKey(tenant, source, id_).case_id for source, id_ in feedback}
        wanted |= forgotten.opened
        wanted |= await store_erasing.cases_of_keys(connection, tenant, keys, until)
        cases = await store_erasing.lock_unerased(connection, wanted)
        if cases:
            done["cases"] = len(cases)
            done["webhooks"] = await store_erasing.strip(connection, now, cases)
            await self._tell(connection, erasing, cases, now)
        reason = {"erasure_id": erasing.erasure_id}
        await record(connection, now, *(_erased(tenant, case, reason) for case in answered))
        return done

    async def _tell(
        self, connection: AsyncConnection, erasing: Erasing, cases: Sequence[str], now: datetime
    ) -> None:
        """A step says so, on the case and in the log: whoever has copied its words is to drop
        them."""
        stripped = await store_cases.lock_cases(connection, cases)
        step = Step(
            kind=CaseEventKind.ERASED,
            at=now,
            actor=SERVICE,
            detail={"erasure_id": erasing.erasure_id},
        )
        tally = Tally()
        steps = [(stored, step) for stored in stripped.values()]
        await self._ledger.append(connection, now, steps, tally)

    async def _bury(
        self,
        connection: AsyncConnection,
        erasing: Erasing,
        identifiers: Sequence[str],
        talks: Sequence[str],
        now: datetime,
    ) -> None:
        stones, tenant = self._tombstones, erasing.tenant
        hashes = [
            *(stones.identifier(tenant, key) for key in identifiers),
            *(stones.conversation(tenant, key) for key in talks),
        ]
        await stones.put(connection, erasing.erasure_id, hashes, erasing.until, now)

    def _match_keys(self, tenant: str, names: Names) -> tuple[list[str], list[str]]:
        """Of identifiers, and of conversations."""
        secret = self._match_secret
        if secret is None:
            raise Retryable("alerting has not started yet")
        identifiers = {
            key
            for one in names.identifiers
            for key in matching.match_keys(
                secret,
                tenant,
                one.scope or "",
                None,
                (Identifier(type=one.type, value=one.value),),
            )
        }
        talks = {
            key
            for conversation in names.conversations
            for key in matching.match_keys(secret, tenant, "", conversation, ())
        }
        return sorted(identifiers), sorted(talks)


async def strip_closed(connection: AsyncConnection, now: datetime, rule: Rule, limit: int) -> int:
    """Old closed cases lose their words and keys, as erased ones do; how many it was."""
    cases = await store_erasing.over_before(connection, rule, limit)
    if cases:
        await store_erasing.strip(connection, now, [case for case, _ in cases])
        reason = {"reason": "age"}
        await record(connection, now, *(_erased(tenant, case, reason) for case, tenant in cases))
    return len(cases)


def _erased(tenant: str, case_id: str, reason: Mapping[str, str]) -> Entry:
    """Why a case that has no step `erased` has lost words: the audit would miss them."""
    subject = Subject("case", case_id)
    return Entry(tenant=tenant, actor=SERVICE, action=WORDS_ERASED, subject=subject, after=reason)
