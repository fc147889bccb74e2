"""Where the time of a chain goes: from the events of its log and from its metrics."""

import asyncio
import itertools
import time
import urllib.request
import uuid
from collections.abc import Mapping, Set
from dataclasses import dataclass, field

from prometheus_client.parser import text_string_to_metric_families

from benchmarks.load import Answer
from benchmarks.receiver import Arrival
from heedful.common.bus.base import Bus, Record, records_of
from heedful.common.contracts import Enrichment, Feedback
from heedful.common.events import from_record
from heedful.common.topics import FEEDBACK_ENRICHED, FEEDBACK_RECEIVED

READ_S = 60.0
_TOPICS = {topic.name: topic for topic in (FEEDBACK_RECEIVED, FEEDBACK_ENRICHED)}

STAGES = (
    "due → request taken by ingest",
    "→ written to the log",
    "→ taken by nlp",
    "→ labels written to the log",
    "→ case opened by alerting",
    "→ webhook at the receiver",
)


@dataclass
class Marks:
    """When one feedback passed where; Unix times in seconds, by the clock of this machine."""

    received: float = 0.0
    received_written: float = 0.0
    enriched: float = 0.0
    enriched_written: float = 0.0


@dataclass
class Metrics:
    """Sums and counts of all processes by series, and the CPU seconds of each process."""

    values: dict[str, float] = field(default_factory=dict)
    cpu: dict[str, float] = field(default_factory=dict)

    def mean(self, since: "Metrics", series: str) -> float:
        """Mean of a histogram since then; nan if nothing was observed."""
        total = self._moved(since, f"{series}/sum")
        count = self._moved(since, f"{series}/count")
        return total / count if count else float("nan")

    def _moved(self, since: "Metrics", name: str) -> float:
        return self.values.get(name, 0.0) - since.values.get(name, 0.0)


async def marks(bus: Bus, wanted: Set[str]) -> dict[str, Marks]:
    """Read when these feedback ids were written; those not found within `READ_S` are absent."""
    found: dict[str, Marks] = {}
    complete: set[str] = set()
    await bus.start()
    try:
        consumer = bus.consumer(f"benchmark-{uuid.uuid4().hex}", list(_TOPICS))
        await consumer.start()
        deadline = time.monotonic() + READ_S
        while len(complete) < len(wanted) and time.monotonic() < deadline:
            for record in records_of(await consumer.poll(1000, 0.2)):
                _mark(record, wanted, found, complete)
        await consumer.stop()
    finally:
        await bus.stop()
    return {id_: found[id_] for id_ in complete}


def _mark(record: Record, wanted: Set[str], found: dict[str, Marks], complete: set[str]) -> None:
    payload = from_record(record, _TOPICS[record.topic]).payload
    feedback = payload.feedback if isinstance(payload, Enrichment) else payload
    if not isinstance(feedback, Feedback) or feedback.id not in wanted:
        return
    mark = found.setdefault(feedback.id, Marks())
    mark.received = feedback.received_at.timestamp()
    if isinstance(payload, Enrichment):
        mark.enriched = payload.enriched_at.timestamp()
        mark.enriched_written = record.timestamp / 1000
    else:
        mark.received_written = record.timestamp / 1000
    if mark.received_written and mark.enriched_written:
        complete.add(feedback.id)


def durations(answer: Answer, mark: Marks, arrival: Arrival) -> list[float]:
    """Seconds in each of `STAGES`."""
    passed = [
        answer.due,
        mark.received,
        mark.received_written,
        mark.enriched,
        mark.enriched_written,
        arrival.opened_at,
        arrival.at,
    ]
    return [after - before for before, after in itertools.pairwise(passed)]


async def scrape(urls: Mapping[str, str]) -> Metrics:
    """The metrics of all processes now."""
    metrics = Metrics()
    for name, url in urls.items():
        text = await asyncio.to_thread(_read, url)
        for family in text_string_to_metric_families(text):
            for sample in family.samples:
                if sample.name == "process_cpu_seconds_total":
                    metrics.cpu[name] = sample.value
                key = _series(family.name, sample.name, sample.labels)
                if key is not None:
                    metrics.values[key] = metrics.values.get(key, 0.0) + sample.value
    return metrics


def summary(before: Metrics, after: Metrics, seconds: float) -> dict[str, str]:
    """What the metrics tell of the time between two scrapes."""

    def milliseconds(series: str) -> str:
        return f"{after.mean(before, series) * 1000:.1f}"

    groups = ("heedful.nlp", "heedful.journey", "heedful.alerting")
    handled = [
        (
            f"{group}: ms per batch / records per batch",
            milliseconds(f"heedful_consumer_handle_seconds{{{group}}}")
            + f" / {after.mean(before, f'heedful_consumer_batch_records{{{group}}}'):.1f}",
        )
        for group in groups
    ]
    cores = [
        f"{name} {(used - before.cpu.get(name, 0.0)) / seconds:.2f}"
        for name, used in after.cpu.items()
    ]
    return {
        "ingest: ms per POST": milliseconds("heedful_http_request_seconds{/v1/feedback}"),
        "nlp: ms per text": milliseconds("heedful_nlp_inference_seconds{}"),
        **dict(handled),
        "cores used": ", ".join(cores),
    }


def _series(family: str, sample: str, labels: Mapping[str, str]) -> str | None:
    """`family{label}/sum` of the sums and counts of histograms, by the label that tells most."""
    suffix = sample.removeprefix(family)
    if suffix not in ("_sum", "_count"):
        return None
    label = labels.get("group") or labels.get("route") or ""
    return f"{family}{{{label}}}/{suffix.removeprefix('_')}"


def _read(url: str) -> str:
    with urllib.request.urlopen(url, timeout=10) as answer:  # noqa: S310  # our own URL
        text: str = answer.read().decode()
        return text
