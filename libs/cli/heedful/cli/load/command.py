"""`heedful load`: the command."""

import asyncio
import contextlib
import random
import signal
import uuid
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeVar

import click
import httpx
from rich.console import Console

from heedful.cli.load import showing
from heedful.cli.load.connection import Target
from heedful.cli.load.following import CannotFollow, Follower
from heedful.cli.load.items import mixture
from heedful.cli.load.outcome import Freshness, Outcome, Times, judged
from heedful.cli.load.running import Asked, Limits, Run, Tally
from heedful.cli.load.schedule import Burst, Phase, phases, schedule
from heedful.cli.load.sending import OpenLoop
from heedful.cli.local import caller_key
from heedful.common.environment import load
from heedful.common.settings import Settings

T = TypeVar("T")

_URL: Final = "http://127.0.0.1:8080"
_SHOW_EVERY_S: Final = 1.0
_READ_TIMEOUT_S: Final = 10.0
_MOST_BATCH: Final = 1000
_SEED: Final = 20261130


@dataclass(frozen=True, slots=True)
class _Places:
    """Where the services answer that are asked what became of an item."""

    journey: str
    alerting: str


@dataclass(frozen=True, slots=True)
class _Played:
    """
    Attributes:
        lasted: seconds of the plan that were played.
    """

    lasted: float
    freshness: list[Freshness]


class _Burst(click.ParamType[Burst]):
    name = "TIMES:AT:SECONDS"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> Burst:
        if isinstance(value, Burst):
            return value
        with contextlib.suppress(ValueError):
            times, at, seconds = (float(part) for part in str(value).split(":"))
            if times > 0 and at >= 0 and seconds > 0:
                return Burst(times, at, seconds)
        raise click.BadParameter(
            f"{value!r} is not e.g. 10:20:5, ten times the rate from second 20 on for 5 s"
        )


@click.command("load")
@click.option("--url", default=_URL, show_default=True, help="Where ingest answers.")
@click.option("--key", envvar="HEEDFUL_LOADTEST_KEY", help="API key; default as of `heedful demo`.")
@click.option(
    "--rate", type=click.FloatRange(0.01), default=10, show_default=True, help="Requests a second."
)
@click.option(
    "--seconds", type=click.FloatRange(0.1), default=30, show_default=True, help="At that rate."
)
@click.option(
    "--ramp",
    type=click.FloatRange(0),
    default=5,
    show_default=True,
    help="Seconds from nothing to the rate before; not in the figures.",
)
@click.option("--burst", type=_Burst(), help="More in the middle, e.g. 10:20:5.")
@click.option(
    "--batch",
    type=click.IntRange(1, _MOST_BATCH),
    default=1,
    show_default=True,
    help="Items of a request; more than one go as NDJSON.",
)
@click.option(
    "--arrivals",
    type=click.Choice(("random", "even")),
    default="random",
    show_default=True,
    help="Random is a Poisson process, as customers come.",
)
@click.option(
    "--red",
    type=click.FloatRange(0, 1),
    default=0.02,
    show_default=True,
    help="Share of the items whose words tell of people in danger.",
)
@click.option(
    "--connections",
    type=click.IntRange(1),
    default=1000,
    show_default=True,
    help="Most at one time.",
)
@click.option(
    "--timeout",
    type=click.FloatRange(0.001),
    default=30,
    show_default=True,
    help="Seconds that a request may take.",
)
@click.option(
    "--follow",
    type=click.FloatRange(0.01),
    metavar="A-SECOND",
    help="So many items a second, and as many alarming ones, are looked for until they are read.",
)
@click.option("--journey-url", help="Where journey answers; default: --url.")
@click.option("--alerting-url", help="Where alerting answers; default: --url.")
@click.option(
    "--patience",
    type=click.FloatRange(0),
    default=60,
    show_default=True,
    help="Seconds that the last followed item may take.",
)
@click.option(
    "--max-lag",
    type=click.FloatRange(0.1),
    default=50,
    show_default=True,
    help="Milliseconds that 99 % of the requests may go out late; more is not valid.",
)
@click.option(
    "--json",
    "json_file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write the figures there, too.",
)
@click.option("--seed", type=int, default=_SEED, show_default=True, help="Of random arrivals.")
def load_command(
    url: str, key: str | None, rate: float, seconds: float, ramp: float, burst: Burst | None,
    batch: int, arrivals: str, red: float, connections: int, timeout: float,
    follow: float | None, journey_url: str | None, alerting_url: str | None, patience: float,
    max_lag: float, json_file: Path | None, seed: int,
) -> None:  # fmt: skip
    """Post invented feedback to a running instance by the clock, and say how long it took.

    Open loop: a request goes out when it is due, however slowly earlier ones are answered, and
    its latency counts from then. What is posted stays there: use a tenant of its own. Ctrl-C ends
    a run early, with the figures until then. Ends with 1 when the generator itself was too late
    for the figures to mean something.
    """
    try:
        target = Target.of(url)
        plan = phases(rate, seconds, ramp, burst)
    except ValueError as error:
        raise click.UsageError(str(error)) from error
    used = caller_key(load(Settings)) if key is None else key
    run = Run(
        target, used, batch, mixture(f"load-{uuid.uuid4().hex[:8]}", red),
        Limits(connections, timeout, 1 / follow if follow else None),
    )  # fmt: skip
    tally = Tally.of(plan)
    places = _Places(journey_url or url, alerting_url or url) if follow else None
    chance = random.Random(seed) if arrivals == "random" else None  # noqa: S311
    try:
        played = _run(_go(run, plan, chance, tally, places, used, patience))
    except CannotFollow as error:
        raise click.ClickException(str(error)) from error
    outcome = Outcome(
        command={
            "url": url, "rate": rate, "seconds": seconds, "ramp": ramp, "batch": batch,
            "burst": f"{burst.times:g}:{burst.at:g}:{burst.seconds:g}" if burst else None,
            "arrivals": arrivals, "red": red, "connections": connections, "timeout": timeout,
            "follow": follow, "max_lag": max_lag, "seed": seed,
        },
        phases=tally.outcomes(played.lasted),
        freshness=played.freshness,
        lag=Times.of(tally.lag),
        held=tally.held,
        invalid=judged(tally.lag, max_lag / 1000),
    )  # fmt: skip
    showing.show(outcome, Console())
    if json_file is not None:
        json_file.write_text(outcome.model_dump_json(indent=2) + "\n", encoding="utf-8")
    if outcome.invalid:
        raise SystemExit(1)


async def _go(
    run: Run,
    plan: Sequence[Phase],
    chance: random.Random | None,
    tally: Tally,
    places: _Places | None,
    key: str,
    patience: float,
) -> _Played:
    loop = asyncio.get_running_loop()
    total = sum(one.seconds for one in plan)
    async with contextlib.AsyncExitStack() as stack:
        follower, following = None, None
        if places is not None:
            journey = await stack.enter_async_context(_client(places.journey, key))
            alerting = await stack.enter_async_context(_client(places.alerting, key))
            follower = Follower(journey, alerting, loop.time)
            await follower.start()
            following = asyncio.create_task(follower.run())
        line = stack.enter_context(showing.line(total))
        shown: list[asyncio.Task[None]] = []
        ended: list[float] = []

        def started(sending: OpenLoop[Asked]) -> None:
            shown.append(asyncio.create_task(_show(sending, line, tally)))

            def cut_short() -> None:
                ended.append(loop.time() - sending.begun)
                sending.end()
                loop.remove_signal_handler(signal.SIGINT)

            loop.add_signal_handler(signal.SIGINT, cut_short)

        await run.go(schedule(plan, chance), tally, follower, started)
        shown[0].cancel()
        lasted = min([total, *ended])
        if follower is None or following is None:
            return _Played(lasted, [])
        line.say(f"{follower.waiting} followed items are still on their way")
        follower.end(patience)
        await following
        return _Played(lasted, follower.found())


async def _show(sending: OpenLoop[Asked], line: showing.Line, tally: Tally) -> None:
    loop = asyncio.get_running_loop()
    while True:
        await asyncio.sleep(_SHOW_EVERY_S)
        line.show(loop.time() - sending.begun, sending.sent, sending.under_way, tally)


def _client(url: str, key: str) -> httpx.AsyncClient:
    return httpx.AsyncClient(base_url=url, headers={"X-API-Key": key}, timeout=_READ_TIMEOUT_S)


def _run(main: Coroutine[Any, Any, T]) -> T:
    """On uvloop where it is: the generator shares cores with what it measures."""
    try:
        import uvloop
    except ImportError:
        return asyncio.run(main)
    return uvloop.run(main)
