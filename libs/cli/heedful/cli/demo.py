"""`heedful demo`: replay the bundled example feedback and show what became of it."""

import asyncio
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from pathlib import Path
from typing import Any

import click
import httpx
import orjson
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from heedful.cli import demo_report
from heedful.cli.local import caller_key, shell_key
from heedful.cli.posting import told
from heedful.common.environment import load
from heedful.common.errors import HeedfulError
from heedful.common.settings import Settings

_CHUNK = 20
_SETTLE_S = 120.0
_POLL_S = 0.3
_TRIES = 20
_START_TRIES = 3
_START_EVERY_S = 1.0
_PATHS = {"feedback": "/v1/feedback/batch", "interactions": "/v1/interactions/batch"}


class DemoFailed(HeedfulError):
    """The replay did not come to its end; the text says where."""


@dataclass(frozen=True, slots=True)
class Targets:
    """Where the services answer; one URL three times in the all-in-one form.

    Attributes:
        key: for the calls.
        shown_key: how a person at a shell writes it.
        console: None: nobody knows whether there is one.
    """

    ingest: str
    journey: str
    alerting: str
    key: str
    shown_key: str
    console: str | None = None

    def by_service(self) -> dict[str, str]:
        return {"ingest": self.ingest, "journey": self.journey, "alerting": self.alerting}


@dataclass(frozen=True, slots=True)
class Chunk:
    """Consecutive items of one kind."""

    kind: str
    items: Sequence[dict[str, Any]]


def examples_dir() -> Path:
    """The bundled examples: in the wheel beside this module, in a checkout at the root."""
    packaged = Path(__file__).parent / "examples"
    return packaged if packaged.is_dir() else Path(__file__).parents[4] / "examples"


def chunks(folder: Path) -> Iterator[Chunk]:
    """Feedback and interactions as they happened, cut into requests."""
    happened = sorted(
        (
            (datetime.fromisoformat(item["occurred_at"]), kind, item)
            for kind in _PATHS
            for file in sorted(folder.glob(f"*/{kind}.jsonl"))
            for item in map(orjson.loads, file.read_bytes().splitlines())
        ),
        key=lambda found: found[:2],
    )
    for kind, run in groupby(happened, key=lambda found: found[1]):
        items = [item for _, _, item in run]
        for start in range(0, len(items), _CHUNK):
            yield Chunk(kind, items[start : start + _CHUNK])


async def replay(targets: Targets) -> None:
    """Post the examples, wait until every one is understood, print the outcome.

    Raises:
        DemoFailed: a service refused or did not answer.
    """
    console = Console()
    todo = list(chunks(examples_dir()))
    async with httpx.AsyncClient(headers={"X-API-Key": targets.key}, timeout=30) as client:
        await _answering(client, targets)
        started = time.monotonic()
        sent = await _post_all(client, targets, todo, console)
        summary = await _settled(client, targets, sent)
        report = demo_report.Report(
            sent=sent,
            summary=summary,
            cases=await _all_pages(client, f"{targets.alerting}/v1/cases"),
            words=_words(todo),
            customer=await _a_customer(client, targets),
            seconds=time.monotonic() - started,
        )
    places = demo_report.Places(
        targets.ingest, targets.journey, targets.alerting, targets.shown_key, targets.console
    )
    demo_report.show(console, report, places)


async def _answering(client: httpx.AsyncClient, targets: Targets) -> None:
    """Nobody waits for a progress bar that cannot move."""
    for name, url in targets.by_service().items():
        for attempt in range(1, _START_TRIES + 1):
            try:
                await client.get(f"{url}/readyz")
            except httpx.TransportError as error:
                if attempt == _START_TRIES:
                    raise DemoFailed(
                        f"{name} does not answer at {url}; start it with `heedful up`, "
                        f"or say where it is with --{name}-url"
                    ) from error
                await asyncio.sleep(_START_EVERY_S)
            else:
                break


async def _post_all(
    client: httpx.AsyncClient, targets: Targets, todo: Sequence[Chunk], console: Console
) -> demo_report.Sent:
    counts = {"accepted": 0, "duplicate": 0, "rejected": 0}
    with Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=console,
    ) as progress:
        task = progress.add_task("Replaying", total=sum(len(chunk.items) for chunk in todo))
        for chunk in todo:
            answer = await _post(client, targets.ingest + _PATHS[chunk.kind], chunk.items)
            for name in counts:
                counts[name] += answer[name]
            progress.advance(task, len(chunk.items))
    if counts["rejected"]:
        raise DemoFailed(f"{counts['rejected']} example items were refused; see the service's log")
    return demo_report.Sent(
        feedback=sum(len(chunk.items) for chunk in todo if chunk.kind == "feedback"),
        interactions=sum(len(chunk.items) for chunk in todo if chunk.kind == "interactions"),
        duplicates=counts["duplicate"],
    )


async def _post(
    client: httpx.AsyncClient, url: str, items: Sequence[dict[str, Any]]
) -> dict[str, Any]:
    """Post until the log has it: a 503 asks to come again, and so does a lost connection."""
    for attempt in range(1, _TRIES + 1):
        try:
            answer = await client.post(url, json=list(items))
        except httpx.TransportError as error:
            reason = f"{url} does not answer: {error}"
        else:
            if answer.status_code in (202, 207):
                found: dict[str, Any] = answer.json()
                return found
            reason = f"{url} answered {answer.status_code}: {told(answer)}"
            if answer.status_code != 503:
                raise DemoFailed(reason)
        if attempt < _TRIES:
            await asyncio.sleep(min(5, 0.2 * 2**attempt))
    raise DemoFailed(reason)


async def _settled(
    client: httpx.AsyncClient, targets: Targets, sent: demo_report.Sent
) -> dict[str, Any]:
    """Wait until journey has every event and every red item is on a case."""
    wanted = sent.feedback + sent.interactions
    deadline = time.monotonic() + _SETTLE_S
    while True:
        summary = await _get(client, f"{targets.journey}/v1/summary")
        reds = await _reds_on_cases(client, targets)
        if summary["events"] >= wanted and reds >= summary["lights"].get("red", 0):
            return summary
        if time.monotonic() > deadline:
            raise DemoFailed(
                f"after {_SETTLE_S:g} s journey knows {summary['events']} of {wanted} events and "
                f"{reds} red items are on cases; look at /readyz and at the log"
            )
        await asyncio.sleep(_POLL_S)


async def _reds_on_cases(client: httpx.AsyncClient, targets: Targets) -> int:
    """One case may be of several items about one matter."""
    cases = await _all_pages(client, f"{targets.alerting}/v1/cases?colour=red")
    return sum(ref["colour"] == "red" for case in cases for ref in case["feedback"])


def _words(todo: Sequence[Chunk]) -> dict[tuple[str, str], str]:
    """What was said, by the key of the feedback: alerting itself holds no words."""
    return {
        (item["source"], item["id"]): item["text"]
        for chunk in todo
        if chunk.kind == "feedback"
        for item in chunk.items
    }


async def _a_customer(client: httpx.AsyncClient, targets: Targets) -> str | None:
    """A customer with a story: the one of the example with three identifiers."""
    found = await _get(
        client, f"{targets.journey}/v1/customers?identifier={demo_report.STORY_IDENTIFIER}"
    )
    return found["items"][0]["id"] if found["items"] else None


async def _all_pages(client: httpx.AsyncClient, url: str) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = []
    cursor = None
    while True:
        page = await _get(client, url, limit=200, **({"cursor": cursor} if cursor else {}))
        items.extend(page["items"])
        cursor = page["next_cursor"]
        if cursor is None:
            return items


async def _get(client: httpx.AsyncClient, url: str, **params: Any) -> dict[str, Any]:
    try:
        answer = await client.get(url, params=params or None)
    except httpx.TransportError as error:
        raise DemoFailed(f"{url} does not answer: {error}") from error
    if answer.is_error:
        raise DemoFailed(f"{url} answered {answer.status_code}: {told(answer)}")
    found: dict[str, Any] = answer.json()
    return found


@click.command("demo")
@click.option("--ingest-url", default="http://127.0.0.1:8080", show_default=True)
@click.option("--journey-url", default="http://127.0.0.1:8080", show_default=True)
@click.option("--alerting-url", default="http://127.0.0.1:8080", show_default=True)
@click.option(
    "--key",
    envvar="HEEDFUL_DEMO_KEY",
    help="API key; default: from HEEDFUL_API_KEYS, or of the data folder.",
)
def demo_command(ingest_url: str, journey_url: str, alerting_url: str, key: str | None) -> None:
    """Replay the bundled example feedback against a running instance."""
    settings = load(Settings)
    shown = shell_key(settings) if key is None else "$KEY"
    used = caller_key(settings) if key is None else key
    asyncio.run(replay(Targets(ingest_url, journey_url, alerting_url, used, shown)))
