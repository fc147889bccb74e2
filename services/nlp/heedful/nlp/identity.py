"""The name of an enrichment: the same feedback under the same versions always has the same id."""

import json
from typing import Final
from uuid import UUID, uuid5

from heedful.common.contracts import Feedback, Versions

NAMESPACE: Final = UUID("6f1f3a52-0c43-5b0e-9d0e-2c1a8b7e4d95")
"""Of all ids that nlp gives. Changing it makes every replay produce new events."""

ENRICHED: Final = "enriched"
REPROCESSED: Final = "reprocessed"
"""Stages. What is made again has another id than what came first, also under the same versions: it
may not pass for it with a consumer that takes each id once."""


def enrichment_id(feedback: Feedback, versions: Versions, stage: str = ENRICHED) -> str:
    """uuid5 of tenant, source, feedback id, stage and versions."""
    # JSON, because a separator could occur in an id.
    name = [
        feedback.tenant,
        feedback.source,
        feedback.id,
        stage,
        versions.model,
        versions.lexicon,
        versions.rules,
        versions.taxonomy,
        versions.policy,
    ]
    return str(uuid5(NAMESPACE, json.dumps(name, ensure_ascii=True, separators=(",", ":"))))
