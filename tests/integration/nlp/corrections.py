"""Enrichments to be corrected, and correcting them."""

from datetime import timedelta
from typing import Any

import httpx

from heedful.common.contracts import Colour, Enrichment, Light, Reason, Versions
from heedful.common.events import to_record
from heedful.common.outbox import Relay
from heedful.common.topics import FEEDBACK_ENRICHED
from tests.integration.nlp.world import Nlp, delivered, feedback, payload

VERSIONS = Versions(model="m1", lexicon="l1", taxonomy="t1", policy="p1")
TEXT = "电池有点鼓包了，还能用吗"


def enriched(
    number: int, colour: Colour = Colour.AMBER, text: str = TEXT, **changes: Any
) -> Enrichment:
    """What the machine says of the nth feedback."""
    of = feedback(number, text)
    values: dict[str, Any] = {
        "tenant": of.tenant,
        "id": f"en-{number}",
        "feedback": of,
        "enriched_at": of.received_at + timedelta(seconds=1),
        "language": "zh",
        "light": Light(
            colour=colour, reasons=(Reason(code="r", label_zh="因", label_en="Reason"),)
        ),
        "versions": VERSIONS,
        **changes,
    }
    return Enrichment(**values)


async def keep(nlp: Nlp, *found: Enrichment, key: str = "k") -> None:
    """The topic's records reach the group that keeps them."""
    batch = [
        delivered(
            to_record(
                FEEDBACK_ENRICHED,
                one,
                id=one.id,
                source=f"/{one.tenant}/nlp",
                key=key,
                time=one.enriched_at,
            ),
            FEEDBACK_ENRICHED,
            offset,
        )
        for offset, one in enumerate(found)
    ]
    assert list(await nlp.service.subscriptions[1].handler(batch)) == [[]] * len(batch)


async def published(nlp: Nlp) -> list[Enrichment]:
    """What corrections have put into the log so far, oldest first."""
    relay = next(part for part in nlp.service.background if isinstance(part, Relay))
    while await relay.step():
        pass
    return sorted(
        (payload(delivery) for delivery in await nlp.enriched()), key=lambda one: one.enriched_at
    )


def body(number: int = 1, **changes: Any) -> dict[str, Any]:
    return {
        "feedback": {"source": "calls", "id": f"f{number}"},
        "enrichment_id": f"en-{number}",
        "label": "light",
        "was": "amber",
        "value": "red",
        **changes,
    }


async def correct(nlp: Nlp, number: int = 1, **changes: Any) -> httpx.Response:
    return await nlp.client.post("/v1/corrections", json=body(number, **changes))
