"""What services say of themselves without a key: `/readyz`, `/healthz`, `/metrics`."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import httpx2
from pydantic import ValidationError

from heedful.console.upstream.reading import Read
from heedful.console.upstream.services import Process
from heedful.console.vitals.findings import NAMES
from heedful.console.vitals.samples import NotMetrics, Samples

_SECONDS: Final = 4.0


class _Readiness(Read):
    checks: dict[str, str]


class _Life(Read):
    parts: dict[str, bool]


@dataclass(frozen=True, slots=True)
class Vitals:
    """
    Attributes:
        services: that answer at this address; all four in the all-in-one form.
        away: why it does not answer; None: it does.
        checks: of the servers behind it, `ok` or what is wrong.
        stalled: its parts that make no progress.
        samples: None: there are none that can be read.
    """

    address: str
    services: tuple[str, ...]
    away: str | None
    checks: Mapping[str, str]
    stalled: tuple[str, ...]
    samples: Samples | None


async def of(process: Process) -> Vitals:
    """How it is; that it is away is an answer too."""
    try:
        ready, life, metrics = await asyncio.gather(
            *(process.http.get(path, timeout=_SECONDS) for path in _PATHS)
        )
    except httpx2.TimeoutException:
        return _away(process, "it did not answer in time")
    except httpx2.TransportError as error:
        return _away(process, str(error) or type(error).__name__)
    try:
        checks = _Readiness.model_validate_json(ready.content).checks
        parts = _Life.model_validate_json(life.content).parts
        samples = Samples.parsed(metrics.text, NAMES)
    except (ValidationError, NotMetrics) as error:
        return _away(process, f"its answer is not as documented: {error}")
    stalled = tuple(name for name, moves in parts.items() if not moves)
    return Vitals(process.address, process.services, None, checks, stalled, samples)


_PATHS: Final = ("/readyz", "/healthz", "/metrics")


def _away(process: Process, why: str) -> Vitals:
    return Vitals(process.address, process.services, why, {}, (), None)
