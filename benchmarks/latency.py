"""From the POST of a red feedback to its signed `case.opened` webhook at a receiver.

Items are sent at a steady rate by the clock, however slowly they are answered (open loop), and
every latency counts from when the item was due, so queueing shows. Measured in three chains, each
of its own processes, on one machine: `heedful up` (embedded), four heedful processes on Kafka and
PostgreSQL, and as the floor a bare chain on the same Kafka (see bare.py). Rounds alternate,
figures are medians of the rounds, ratios are to the bare chain of this run. Ends with 1 when a
red item was lost, another one arrived, or an answer was not 202.

    python benchmarks/latency.py --red 20 --ordinary 80 --seconds 30 --rounds 3
"""

import argparse
import itertools
import sys
import tempfile
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import uvloop

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks import bare, receiver, stages
from benchmarks.feedback import posts
from benchmarks.forms import BARE, FORMS, Chain
from benchmarks.load import Answer, request, send_on_time
from benchmarks.receiver import Received
from benchmarks.stages import STAGES
from benchmarks.support import broker, free_port, machine, median, percentile, spread, table
from heedful.cli.load.items import texts
from heedful.common.contracts import Colour, Feedback
from heedful.nlp.pipeline import Pipeline

ACCEPTED = 202


@dataclass(frozen=True)
class Texts:
    red: list[str]
    ordinary: list[str]


@dataclass
class Run:
    """What one round of one form gave. Times in seconds."""

    red: int = 0
    arrived: int = 0
    repeated: int = 0
    latencies: list[float] = field(default_factory=list)
    answers: list[float] = field(default_factory=list)
    lateness: list[float] = field(default_factory=list)
    rate: float = 0.0
    stages: list[list[float]] = field(default_factory=list)
    metrics: dict[str, str] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)


def sorted_texts() -> Texts:
    """Texts by the light that the shipped pipeline gives them.

    Raises:
        SystemExit: it sees no red, or nothing but red.
    """
    pipeline = Pipeline.load()
    now = datetime.now(UTC)

    def colour(text: str) -> Colour:
        said = {"tenant": "t", "source": "s", "id": "i", "channel": "call", "text": text}
        feedback = Feedback.model_validate({**said, "occurred_at": now, "received_at": now})
        return pipeline.enrich(feedback, now).light.colour

    red = [text for text in texts(red=True) if colour(text) is Colour.RED]
    ordinary = [text for text in texts(red=False) if colour(text) is not Colour.RED]
    if not red or not ordinary:
        raise SystemExit(f"the pipeline calls {len(red)} texts red and {len(ordinary)} not")
    return Texts(red, ordinary)


def mixed(said: Texts, red: float, ordinary: float, seconds: float) -> list[dict[str, Any]]:
    """Bodies in the order of sending, the red ones evenly among the others."""
    run = uuid.uuid4().hex[:8]
    reds, others = posts(said.red, f"{bare.RED}{run}"), posts(said.ordinary, f"ordinary-{run}")
    share = red / (red + ordinary)
    count = round((red + ordinary) * seconds)
    return [
        next(reds if int((number + 1) * share) > int(number * share) else others)
        for number in range(count)
    ]


async def phase(
    chain: Chain, received: Received, items: Sequence[dict[str, Any]], options: argparse.Namespace
) -> tuple[list[Answer], set[str]]:
    """Send the items by the clock and wait for the red ones; also their ids."""
    requests = [request(chain.path, orjson.dumps(item), chain.headers) for item in items]
    answers = await send_on_time(chain.port, requests, options.red + options.ordinary)
    wanted = {item["id"] for item in items if item["id"].startswith(bare.RED)}
    await received.wait_for(wanted, options.patience)
    return answers, wanted


async def drive(chain: Chain, port: int, said: Texts, options: argparse.Namespace) -> Run:
    run = Run()
    warming = mixed(said, options.red, options.ordinary, options.warm)
    items = mixed(said, options.red, options.ordinary, options.seconds)
    async with receiver.receiving(port) as received:
        warm_answers, warm = await phase(chain, received, warming, options)
        before = await stages.scrape(chain.metrics)
        answers, wanted = await phase(chain, received, items, options)
        after = await stages.scrape(chain.metrics)
    by_id = {item["id"]: answer for item, answer in zip(items, answers, strict=True)}
    there = wanted & received.arrivals.keys()
    run.red, run.arrived, run.repeated = len(wanted), len(there), received.repeated
    run.latencies = [received.arrivals[id_].at - by_id[id_].due for id_ in there]
    run.answers = [answer.answered - answer.due for answer in answers]
    run.lateness = [answer.sent - answer.due for answer in answers]
    first, last = answers[0].due, max(answer.answered for answer in answers)
    run.rate = len(answers) / (last - first)
    run.faults = faults(received, wanted | warm, [*warm_answers, *answers])
    if chain.open_bus is not None:
        marks = await stages.marks(chain.open_bus(), there)
        run.stages = [
            stages.durations(by_id[id_], mark, received.arrivals[id_])
            for id_, mark in marks.items()
        ]
        run.metrics = stages.summary(before, after, last - first)
        if len(marks) < len(there):
            run.faults.append(f"{len(there) - len(marks)} items are not in the log")
    return run


def faults(received: Received, wanted: set[str], answers: Sequence[Answer]) -> list[str]:
    wrong = [answer.status for answer in answers if answer.status != ACCEPTED]
    lost = wanted - received.arrivals.keys()
    extra = received.arrivals.keys() - wanted
    found = {
        f"answers other than 202: {sorted(set(wrong))}": len(wrong),
        f"red items without a webhook, such as {min(lost, default='')}": len(lost),
        f"webhooks that nobody waited for, such as {min(extra, default='')}": len(extra),
        "webhooks with a wrong signature": received.unverified,
    }
    return [f"{count} {what}" for what, count in found.items() if count]


def measure(form: str, bootstrap: str, said: Texts, options: argparse.Namespace) -> Run:
    port = free_port()
    hook = f"http://127.0.0.1:{port}{receiver.PATH}"
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        try:
            with FORMS[form][1](folder, bootstrap, hook) as chain:
                run = uvloop.run(drive(chain, port, said, options))
        finally:
            keep_logs(folder, form, options.logs)
    run.faults = [f"{form}: {fault}" for fault in run.faults]
    return run


def keep_logs(folder: Path, form: str, target: Path | None) -> None:
    if target is None:
        return
    target.mkdir(parents=True, exist_ok=True)
    for log in folder.glob("*.log"):
        with (target / f"{form}-{log.name}").open("ab") as kept:
            kept.write(log.read_bytes())


def compare(options: argparse.Namespace) -> list[str]:
    """Measure and print; returns what went wrong."""
    said = sorted_texts()
    forms = options.forms or list(FORMS)
    seen: dict[str, list[Run]] = {form: [] for form in forms}
    print(machine())
    print(
        f"{options.red:g} red and {options.ordinary:g} ordinary items/s for {options.seconds:g} s, "
        f"rounds: {options.rounds}\n"
    )
    with broker() as bootstrap:
        for number in range(options.rounds):
            for form in forms if number % 2 == 0 else reversed(forms):
                seen[form].append(measure(form, bootstrap, said, options))
    report_latency(seen)
    whole = {form: runs for form, runs in seen.items() if runs[0].stages}
    if whole:
        report_stages(whole)
        report_metrics(whole)
    late = percentile([one for run in runs_of(seen) for one in run.lateness], 99)
    repeated = sum(run.repeated for run in runs_of(seen))
    print(f"\nsent after it was due, p99: {late * 1000:.1f} ms; webhooks repeated: {repeated}")
    print(machine())
    return [fault for run in runs_of(seen) for fault in run.faults]


def runs_of(seen: dict[str, list[Run]]) -> list[Run]:
    return list(itertools.chain.from_iterable(seen.values()))


def report_latency(seen: dict[str, list[Run]]) -> None:
    floor = {p: _of_rounds(seen.get(BARE, []), p) for p in (50, 99)}
    rows = []
    for form, runs in seen.items():
        by_percent = {p: _each_round(runs, p) for p in (50, 95, 99)}
        middle = {p: median(values) for p, values in by_percent.items()}
        rows.append(
            (
                FORMS[form][0],
                f"{median([run.rate for run in runs]):.0f}",
                f"{sum(run.arrived for run in runs):,}/{sum(run.red for run in runs):,}",
                f"{middle[50]:.1f}",
                spread(by_percent[50], 1),
                f"{middle[95]:.1f}",
                f"{middle[99]:.1f}",
                spread(by_percent[99], 1),
                f"{max(max(run.latencies, default=0) for run in runs) * 1000:.0f}",
                f"{middle[50] / floor[50]:.1f}/{middle[99] / floor[99]:.1f}",
                "/".join(
                    f"{median([percentile(run.answers, p) * 1000 for run in runs]):.0f}"
                    for p in (50, 99)
                ),
            )
        )
    table(
        ("", "items/s", "arrived/sent", "p50 ms", "spread", "p95 ms", "p99 ms", "spread",
         "max ms", "ratio p50/p99", "202 p50/p99 ms"),
        rows,
    )  # fmt: skip


def _each_round(runs: Sequence[Run], percent: float) -> list[float]:
    return [percentile(run.latencies, percent) * 1000 for run in runs]


def _of_rounds(runs: Sequence[Run], percent: float) -> float:
    return median(_each_round(runs, percent)) if runs else float("nan")


def report_stages(seen: dict[str, list[Run]]) -> None:
    """Each stage by itself, over all rounds: percentiles of stages do not add up."""
    print()
    rows = []
    for index, stage in enumerate(STAGES):
        cells = [stage]
        for runs in seen.values():
            spent = [one[index] * 1000 for run in runs for one in run.stages]
            cells.append("/".join(f"{percentile(spent, p):.1f}" for p in (50, 95, 99)))
        rows.append(cells)
    table(("stage, p50/p95/p99 ms", *(FORMS[form][0] for form in seen)), rows)


def report_metrics(seen: dict[str, list[Run]]) -> None:
    """Means of the last round, as the processes' own metrics tell them."""
    print()
    names = list(dict.fromkeys(name for runs in seen.values() for name in runs[-1].metrics))
    rows = [[name, *(runs[-1].metrics[name] for runs in seen.values())] for name in names]
    table(("metric, mean", *(FORMS[form][0] for form in seen)), rows)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--red", type=float, default=20, help="red items per second")
    parser.add_argument("--ordinary", type=float, default=80, help="other items per second")
    parser.add_argument("--seconds", type=float, default=30, help="measured")
    parser.add_argument("--warm", type=float, default=5, help="seconds before, not measured")
    parser.add_argument("--rounds", type=int, default=3, help="of each, alternated")
    parser.add_argument("--patience", type=float, default=60, help="seconds to wait for the last")
    parser.add_argument("--logs", type=Path, help="keep the logs of the processes in this folder")
    parser.add_argument("--forms", nargs="*", choices=list(FORMS), help="default: all")
    options = parser.parse_args()
    wrong = compare(options)
    if wrong:
        raise SystemExit("not everything went right:\n" + "\n".join(wrong))


if __name__ == "__main__":
    main()
