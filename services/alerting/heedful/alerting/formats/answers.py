"""What HTTP answers mean, wherever a vendor does not say otherwise. Pure."""

from typing import Any

import orjson

from heedful.alerting.formats.base import DELIVERED, Answer, Outcome, Verdict

GONE = 410
BUSY = frozenset({429, 502, 503, 504})
"""Standard Webhooks, "Deliverability and reliability": throttle."""


def by_status(answer: Answer) -> Verdict:
    """2xx is delivered, 410 gone; all else comes again, redirects too: nobody follows them."""
    if 200 <= answer.status < 300:
        return DELIVERED
    reason = f"answered {answer.status}"
    if answer.status == GONE:
        return Verdict(Outcome.GONE, reason)
    return Verdict(Outcome.RETRY, reason, throttled=answer.status in BUSY)


def fields(answer: Answer) -> dict[str, Any]:
    """The JSON object of an answer; empty when it is none."""
    try:
        found = orjson.loads(answer.body)
    except orjson.JSONDecodeError:
        return {}
    return found if isinstance(found, dict) else {}


def code_of(answer: Answer, *names: str) -> int | None:
    """The first of these fields that is a number."""
    found = fields(answer)
    for name in names:
        if isinstance(found.get(name), int):
            return int(found[name])
    return None


def by_code(
    answer: Answer, code: int | None, gone: frozenset[int], refused: frozenset[int]
) -> Verdict:
    """The verdict of a robot that answers 200 and tells what is wrong by a code."""
    if not 200 <= answer.status < 300:
        return by_status(answer)
    if code == 0:
        return DELIVERED
    if code is None:
        return Verdict(Outcome.RETRY, f"answered {answer.status} without a code")
    outcome = Outcome.GONE if code in gone else Outcome.REFUSED if code in refused else None
    return Verdict(outcome or Outcome.RETRY, f"answered code {code}")
