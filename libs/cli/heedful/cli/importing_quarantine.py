"""Rows that were not taken, to the quarantine of ingest: mended and sent again there."""

from collections.abc import Sequence
from typing import Final

import orjson

from heedful.cli.posting import TOO_LARGE, Sender
from heedful.ingest.importing.plan import Plan
from heedful.ingest.importing.rejects import MAX_DETAIL_CHARS, Reject

_PATH: Final = "/v1/quarantine"


class Quarantine:
    """Of one import.

    Attributes:
        left_out: rows for which it had no room.
    """

    def __init__(self, sender: Sender, import_id: str, plan: Plan) -> None:
        self._sender = sender
        self._import_id = import_id
        self._plan = plan
        self.left_out = 0

    def keep(self, rows: Sequence[Reject]) -> None:
        """The same row again is not kept twice.

        Raises:
            CutOff, Refused: of the sender.
        """
        if not rows:
            return
        answer = self._sender.post(_PATH, self._body(rows), "application/json")
        if answer.status_code != TOO_LARGE:
            self.left_out += answer.json()["left_out"]
        elif len(rows) == 1:
            self.left_out += 1
        else:
            half = len(rows) // 2
            self.keep(rows[:half])
            self.keep(rows[half:])

    def _body(self, rows: Sequence[Reject]) -> bytes:
        return orjson.dumps(
            {
                "import_id": self._import_id,
                "source": self._plan.source,
                "backfill": self._plan.backfill,
                "mapping": self._plan.mapping(),
                "rows": [
                    {
                        "row": row.number,
                        "reason": row.reason,
                        "detail": row.detail[:MAX_DETAIL_CHARS],
                        "fields": dict(row.fields),
                    }
                    for row in rows
                ],
            }
        )
