"""Which cases a figure is of."""

from dataclasses import dataclass, fields
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class Filters:
    """Cases that have all of these; None: any.

    Attributes:
        unowned: only those that belong to nobody.
        older_than: of this age at least, since receipt.
        open: whether something is left to do.
    """

    state: str | None = None
    colour: str | None = None
    owner: str | None = None
    team: str | None = None
    touchpoint: str | None = None
    topic: str | None = None
    unowned: bool = False
    older_than: timedelta | None = None
    open: bool | None = None

    def where(self, case: str) -> str:
        """Conditions on rows of `facts.CASES` by this alias, to be joined by AND to others."""
        conditions = [f"{case}.tenant = :tenant"]
        conditions += [f"{case}.{name} = :{name}" for name in self._named()]
        if self.unowned:
            conditions.append(f"{case}.owner IS NULL")
        if self.older_than is not None:
            conditions.append(f"{case}.received_at <= :older")
        if self.open is not None:
            conditions.append(f"{case}.open" if self.open else f"NOT {case}.open")
        return " AND ".join(conditions)

    def values(self, tenant: str, now: datetime) -> dict[str, object]:
        """Parameters of `where`, and `now`."""
        found: dict[str, object] = {"tenant": tenant, "now": now, **self._named()}
        if self.older_than is not None:
            found["older"] = now - self.older_than
        return found

    def _named(self) -> dict[str, str]:
        values = {one.name: getattr(self, one.name) for one in fields(self)}
        return {name: value for name, value in values.items() if isinstance(value, str)}
