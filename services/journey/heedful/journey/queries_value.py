"""SQL of what a customer has bought."""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

YEAR: Final = timedelta(days=365)

_BOUGHT = text(
    """
    WITH own AS (
        SELECT interaction_kind, occurred_at, amount FROM journey.event
        WHERE customer_id = :customer AND interaction_kind IN ('order', 'payment')
    ), counted AS (
        SELECT * FROM own WHERE interaction_kind = 'order'
            OR NOT EXISTS (SELECT FROM own WHERE interaction_kind = 'order')
    )
    SELECT count(DISTINCT CAST(occurred_at AT TIME ZONE 'UTC' AS date)) AS purchases,
        min(occurred_at) AS first_at, max(occurred_at) AS last_at,
        sum(amount) AS paid,
        sum(amount) FILTER (WHERE occurred_at >= :since AND occurred_at < :now) AS paid_last_year,
        count(*) FILTER (WHERE amount IS NULL) AS without_amount
    FROM counted
    """
)
"""As the insights count it (`insights.purchases.bought`): several orders of one day are one
purchase, and payments beside orders would count twice."""


@dataclass(frozen=True, slots=True)
class Bought:
    """`paid` and `paid_last_year`: None where no purchase has an amount."""

    purchases: int
    first_at: datetime | None
    last_at: datetime | None
    paid: float | None
    paid_last_year: float | None
    without_amount: int

    @property
    def days_between(self) -> float | None:
        """On average; None with less than two purchases."""
        if self.first_at is None or self.last_at is None or self.purchases < 2:
            return None
        return (self.last_at - self.first_at) / timedelta(days=1) / (self.purchases - 1)


async def bought(engine: AsyncEngine, customer: uuid.UUID, now: datetime) -> Bought:
    values = {"customer": customer, "now": now, "since": now - YEAR}
    async with engine.connect() as connection:
        row = (await connection.execute(_BOUGHT, values)).one()
    return Bought(**row._mapping)
