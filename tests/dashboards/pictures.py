"""The pictures of docs/operations.md: what the dashboards show of a few minutes' work.

    python -m tests.dashboards.pictures

Starts the platform with Prometheus, replays the example feedback, posts more at a rate that rises
and falls, lets people work on cases and stops nlp for half a minute. Grafana is not needed: each
panel is drawn from the same queries.
"""

import io
import itertools
import json
import math
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import click
from PIL import Image

from benchmarks.feedback import posts
from heedful.cli.load.items import texts
from tests.contract.deploy.grafana import View, targets
from tests.contract.deploy.observability import DASHBOARDS, ROOT
from tests.dashboards.drawing import drawn
from tests.dashboards.platform import Platform, running_platform, settled

FOLDER: Final = ROOT / "docs" / "dashboards"
MINUTES: Final = 6.5
"""Figures of 30 days are read every five minutes."""
SCRAPE_S: Final = 2
CLOCKS: Final = {
    "HEEDFUL_ALERTING__RESPOND_SECONDS": "45",
    "HEEDFUL_ALERTING__PLAN_SECONDS": "75",
    "HEEDFUL_ALERTING__LAND_SECONDS": "120",
    "HEEDFUL_ALERTING__WARN_BEFORE_SECONDS": "15",
}
_COLOURS: Final = 96
_RATE: Final = 12.0
_PERIOD_S: Final = 120.0
_AWAY_S: Final = 30.0


def main(minutes: float = MINUTES) -> None:
    FOLDER.mkdir(exist_ok=True)
    with (
        running_platform(CLOCKS, f"{SCRAPE_S}s") as platform,
        at_work(platform, posting),
        at_work(platform, answering),
    ):
        played(platform, minutes * 60)
        for path in DASHBOARDS:
            picture(platform, path)


def played(platform: Platform, seconds: float) -> None:
    """The examples, and nlp that stops and starts while others work."""
    end = platform.started + seconds
    platform.replay()
    time.sleep(max(0.0, (platform.started + end) / 2 - time.time()))
    nlp = platform.processes["nlp"]
    nlp.terminate()
    time.sleep(_AWAY_S)
    nlp.start()
    nlp.wait_ready()
    time.sleep(max(0.0, end - time.time()))


@contextmanager
def at_work(
    platform: Platform, work: Callable[[Platform, threading.Event], None]
) -> Iterator[None]:
    """Somebody does it meanwhile."""
    over = threading.Event()
    thread = threading.Thread(target=work, args=(platform, over))
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def posting(platform: Platform, over: threading.Event) -> None:
    """Feedback at a rate between nought and twice `_RATE`; one in fifty comes twice, one in a
    hundred cannot be taken."""
    said = texts(red=False) + texts(red=True)[::12]
    with platform.client("ingest") as client:
        for number, post in enumerate(posts(said, "picture")):
            took = time.time() - platform.started
            rate = _RATE * (1.05 - math.cos(2 * math.pi * took / _PERIOD_S))
            if over.wait(1 / rate):
                return
            del post["occurred_at"]
            if number % 100 == 99:
                post["text"] = ""
            for _ in range(2 if number % 50 == 0 else 1):
                client.post("/v1/feedback", json=post)


def answering(platform: Platform, over: threading.Event) -> None:
    """People settle two cases of three, and land half of those."""
    seen: set[str] = set()
    turn = itertools.count()
    with platform.client("alerting") as client:
        while not over.wait(2):
            for case in platform.cases(client):
                if case["id"] in seen or over.is_set():
                    continue
                seen.add(case["id"])
                number = next(turn)
                if number % 3:
                    settled(platform, client, case["id"], landed=number % 2 == 0)
                over.wait(0.3)


def picture(platform: Platform, path: Path) -> None:
    """One dashboard as a PNG of few colours."""
    end = time.time()
    view = View(math.ceil(end - platform.started), SCRAPE_S)
    answers = {
        (one.panel, one.ref): platform.prometheus.now(view.asked(one.expr))
        if one.instant
        else platform.prometheus.over(view.asked(one.expr), end - view.seconds, end, view.step)
        for one in targets(path)
    }
    figure = drawn(json.loads(path.read_text("utf-8")), answers, end - view.seconds, end)
    raw = io.BytesIO()
    figure.savefig(raw, format="png")
    file = FOLDER / f"{path.stem.removeprefix('heedful-')}.png"
    Image.open(raw).convert("RGB").quantize(_COLOURS).save(file, optimize=True)
    click.echo(f"{file.relative_to(ROOT)}: {file.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main()
