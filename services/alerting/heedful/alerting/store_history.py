"""SQL of what the events of cases say beside their folds."""

from collections.abc import Collection, Mapping, Sequence
from itertools import groupby

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from heedful.alerting.case import Step
from heedful.alerting.store_cases import step_of
from heedful.common.contracts import CaseEventKind

_READ = text(
    """
    SELECT * FROM alerting.case_event
    WHERE case_id = ANY(CAST(:ids AS text[])) AND kind = ANY(CAST(:kinds AS text[]))
    ORDER BY case_id, sequence
    """
)


async def steps_of(
    connection: AsyncConnection, ids: Sequence[str], kinds: Collection[CaseEventKind]
) -> Mapping[str, Sequence[Step]]:
    """The steps of these kinds of each of these cases, in their sequence."""
    values = {"ids": list(ids), "kinds": sorted(kind.value for kind in kinds)}
    rows = await connection.execute(_READ, values)
    return {
        case_id: [step_of(row) for row in found]
        for case_id, found in groupby(rows, key=lambda row: str(row.case_id))
    }
