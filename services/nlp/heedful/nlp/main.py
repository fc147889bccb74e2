"""Wiring of nlp."""

from heedful.common.environment import load
from heedful.common.runtime import Subscription
from heedful.common.serve import main as run
from heedful.common.service import Platform, Service
from heedful.common.topics import FEEDBACK_RECEIVED
from heedful.nlp.api import enrich
from heedful.nlp.consumer import EnrichHandler
from heedful.nlp.pipeline import Pipeline
from heedful.nlp.settings import NlpSettings
from heedful.nlp.workers import Workers

GROUP = "heedful.nlp"


def build(platform: Platform) -> Service:
    """nlp on this platform; the model is loaded, nothing is started."""
    settings = load(NlpSettings)
    pipeline = Pipeline.load(
        settings.backend.value,
        settings.cache_texts,
        settings.policy,
        mask_names=settings.mask_names,
    )
    workers = Workers(pipeline, settings.workers, settings.waiting_texts)

    return Service(
        name="nlp",
        routers=[enrich.router(workers, pipeline.policy, platform.auth)],
        # Two at a time: one is labelled while the labels of the other are on their way to the log.
        subscriptions=[
            Subscription(GROUP, (FEEDBACK_RECEIVED,), EnrichHandler(workers), concurrency=2)
        ],
        stop=workers.close,
    )


def main() -> None:
    run("heedful-nlp", [build])
