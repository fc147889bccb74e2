"""The shipped pipeline, loaded once."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from heedful.common.contracts import Channel, Dialogue, Enrichment, Feedback, Score
from heedful.nlp import backend
from heedful.nlp.pipeline import Pipeline
from heedful.nlp.train.deaf import rules_alone

NOW = datetime(2026, 3, 2, 8, 30, tzinfo=UTC)

Enrich = Callable[..., Enrichment]


@pytest.fixture(scope="session")
def pipeline() -> Pipeline:
    return Pipeline.load()


@pytest.fixture(scope="session")
def rules() -> Pipeline:
    """What the rules say by themselves."""
    return rules_alone(backend.load("onnx"))


@pytest.fixture(scope="session")
def enrich(pipeline: Pipeline) -> Enrich:
    def run(
        text: str,
        score: Score | None = None,
        *,
        backfill: bool = False,
        dialogue: Dialogue | None = None,
    ) -> Enrichment:
        feedback = Feedback(
            tenant="acme",
            source="calls",
            id="f-1",
            channel=Channel.CALL,
            text=text,
            occurred_at=NOW,
            received_at=NOW,
            score=score,
            backfill=backfill,
            dialogue=dialogue,
        )
        return pipeline.enrich(feedback, NOW)

    return run
