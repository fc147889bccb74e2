"""What journey says of a customer beyond what happened: signals, and what they have bought."""

from datetime import datetime

from heedful.console.upstream.caller import Caller
from heedful.console.upstream.paths import part
from heedful.console.upstream.reading import Read


class Signal(Read):
    """`standing`: told, due or history."""

    kind: str
    label_zh: str
    label_en: str
    standing: str
    at: datetime
    colour: str
    confidence: float | None
    summary_zh: str
    summary_en: str


class Signals(Read):
    signals: list[Signal]


class Value(Read):
    """Amounts in the tenant's own currency."""

    purchases: int
    last_at: datetime | None
    paid: float | None
    paid_last_year: float | None
    days_between: float | None
    without_amount: int


async def signals(journey: Caller, customer_id: str) -> Signals:
    """Signals of one customer, the newest first.

    Raises:
        UpstreamError: they could not be had.
    """
    return await journey.get(Signals, f"/v1/customers/{part(customer_id)}/signals")


async def value(journey: Caller, customer_id: str) -> Value:
    """What a customer has bought.

    Raises:
        UpstreamError: it could not be had.
    """
    return await journey.get(Value, f"/v1/customers/{part(customer_id)}/value")
