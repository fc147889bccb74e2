"""`heedful dlq list|replay`: look at dead letters, and send them again once the cause is mended."""

from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from datetime import UTC, datetime

import click
import orjson
from sqlalchemy.ext.asyncio import AsyncEngine

from heedful.cli.connected import run_connected
from heedful.cli.dlq_ledger import ReplayLedger
from heedful.cli.dlq_letters import DeadLetter
from heedful.cli.erased import Erased, key_of
from heedful.cli.times import moment
from heedful.common.bus.base import Bus
from heedful.common.bus.reading import everything
from heedful.common.errors import InvalidMessage
from heedful.common.events import from_record
from heedful.common.topics import TOPICS

_BATCH = 200
_MAX_REPLAYS = 3
_SOURCES = {topic.name: topic.dlq for topic in TOPICS}
_TOPICS = {topic.name: topic for topic in TOPICS}


@dataclass(frozen=True, slots=True)
class Filter:
    """Which dead letters are meant; what is None does not matter."""

    reason: str | None
    since: datetime | None
    until: datetime | None

    def takes(self, letter: DeadLetter) -> bool:
        if self.reason is not None and letter.reason != self.reason:
            return False
        if self.since is None and self.until is None:
            return True
        if letter.failed_at is None:
            return False
        after = self.since is None or letter.failed_at >= self.since
        return after and (self.until is None or letter.failed_at < self.until)


def _chosen(command: Callable[..., None]) -> Callable[..., None]:
    options = (
        click.option(
            "--topic",
            type=click.Choice(list(_SOURCES)),
            multiple=True,
            help="Of this topic's queue; may be given several times. Default: all.",
        ),
        click.option("--reason", help="With this error_name, e.g. bad_payload."),
        click.option("--since", callback=moment, help="Failed since: ISO 8601, or e.g. 7d."),
        click.option("--until", callback=moment, help="Failed before this time."),
    )
    for option in reversed(options):
        command = option(command)
    return command


@click.group("dlq")
def dlq() -> None:
    """Dead letters: records that could not be handled."""


@dlq.command("list")
@_chosen
@click.option("--json", "as_json", is_flag=True, help="One JSON object per line.")
def list_letters(
    topic: Sequence[str],
    reason: str | None,
    since: datetime | None,
    until: datetime | None,
    as_json: bool,
) -> None:
    """Show what lies in the queues: where it came from and why. Never the customer's words."""
    wanted = Filter(reason, since, until)

    async def show(bus: Bus, engine: AsyncEngine) -> None:
        ledger = ReplayLedger(engine)
        reasons: Counter[str] = Counter()
        again = 0
        for letter in await _read(bus, topic, wanted):
            replayed = await ledger.knows(letter)
            again += replayed
            reasons[letter.reason] += 1
            click.echo(_line(letter, replayed) if as_json else _text(letter, replayed))
        if not as_json:
            most_first = sorted(reasons.items(), key=lambda one: (-one[1], one[0]))
            counts = ", ".join(f"{count} {name}" for name, count in most_first)
            click.echo(
                f"{reasons.total()} dead letters"
                + (f": {counts}; {again} of them were replayed" if reasons else "")
            )

    run_connected(show)


@dlq.command("replay")
@_chosen
@click.option("--dry-run", is_flag=True, help="Say what would be sent and send nothing.")
@click.option("--limit", type=click.IntRange(min=1), help="Send at most so many.")
@click.option(
    "--max-replays",
    type=click.IntRange(min=1),
    default=_MAX_REPLAYS,
    show_default=True,
    help="Leave those that came back here so often.",
)
@click.option("--again", is_flag=True, help="Also those that were replayed before.")
def replay_letters(  # one parameter per option
    topic: Sequence[str],
    reason: str | None,
    since: datetime | None,
    until: datetime | None,
    dry_run: bool,
    limit: int | None,
    max_replays: int,
    again: bool,
) -> None:
    """Send dead letters back to their topics, with key, value and headers as they were.

    Each is sent once: the database remembers which. A consumer that has the effect already
    ignores it. What fails again comes back here with its replay count.
    """
    wanted = Filter(reason, since, until)

    async def replay(bus: Bus, engine: AsyncEngine) -> None:
        ledger, erased = ReplayLedger(engine), await Erased.open(engine)
        letters = await _read(bus, topic, wanted)
        left: Counter[str] = Counter()
        chosen: list[DeadLetter] = []
        for letter in letters:
            why = await _why_left(letter, ledger, max_replays, again)
            if why is None and await _is_erased(letter, erased):
                why = "of customers who were erased"
            if why is not None:
                left[why] += 1
            elif limit is None or len(chosen) < limit:
                chosen.append(letter)
            else:
                left["beyond --limit"] += 1
        for start in range(0, len(chosen), _BATCH):
            batch = chosen[start : start + _BATCH]
            if dry_run:
                for letter in batch:
                    click.echo(_text(letter, replayed=False))
                continue
            await bus.producer.send([letter.again() for letter in batch])
            await ledger.remember(batch, datetime.now(UTC))
        verb = "would be replayed" if dry_run else "replayed"
        click.echo(f"{len(chosen)} of {len(letters)} dead letters {verb}")
        for why, count in left.most_common():
            click.echo(f"  left: {count} {why}")

    run_connected(replay)


async def _why_left(
    letter: DeadLetter, ledger: ReplayLedger, max_replays: int, again: bool
) -> str | None:
    if letter.source_topic not in _SOURCES:
        return "without a source topic of the registry"
    if letter.replays >= max_replays:
        return f"replayed {max_replays} times or more (--max-replays)"
    if not again and await ledger.knows(letter):
        return "replayed before (--again sends them once more)"
    return None


async def _is_erased(letter: DeadLetter, erased: Erased) -> bool:
    """False when nobody can tell whose it is: the consumers know, if they can read it."""
    try:
        payload = from_record(letter.record, _TOPICS[letter.source_topic]).payload
    except InvalidMessage:
        return False
    key = key_of(payload)
    return key is not None and bool(await erased.among([key]))


async def _read(bus: Bus, topics: Sequence[str], wanted: Filter) -> list[DeadLetter]:
    queues = [_SOURCES[name] for name in topics or _SOURCES]
    found = []
    async with aclosing(everything(bus, queues)) as records:
        async for record in records:
            letter = DeadLetter.read(record)
            if wanted.takes(letter):
                found.append(letter)
    earliest = datetime.min.replace(tzinfo=UTC)

    def order(letter: DeadLetter) -> tuple[datetime, str, int, int]:
        record = letter.record
        return letter.failed_at or earliest, record.topic, record.partition, record.offset

    return sorted(found, key=order)


def _text(letter: DeadLetter, replayed: bool) -> str:
    record = letter.record
    at = "unknown time" if letter.failed_at is None else letter.failed_at.isoformat()
    marks = [f"{letter.attempts} tries"] if letter.attempts else []
    marks += [f"{letter.replays} replays before"] if letter.replays else []
    marks += ["replayed since"] if replayed else []
    tail = f" ({', '.join(marks)})" if marks else ""
    return (
        f"{record.topic}/{record.partition}@{record.offset}  {at}  {letter.reason}{tail}\n"
        f"    from {letter.source_topic}/{letter.source_partition}@{letter.source_offset}"
        f" by {letter.group}: {letter.message}"
    )


def _line(letter: DeadLetter, replayed: bool) -> str:
    record = letter.record
    found = {
        "topic": record.topic,
        "partition": record.partition,
        "offset": record.offset,
        "failed_at": letter.failed_at,
        "reason": letter.reason,
        "message": letter.message,
        "source_topic": letter.source_topic,
        "source_partition": letter.source_partition,
        "source_offset": letter.source_offset,
        "group": letter.group,
        "attempts": letter.attempts,
        "replays": letter.replays,
        "replayed": replayed,
    }
    return orjson.dumps(found).decode()
