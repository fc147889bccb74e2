"""Rows that were not taken, to the quarantine of ingest: mended and sent again there."""

import secrets
from collections.abc import Sequence
from typing import Final

import orjson

from heedful.cli.posting import TOO_LARGE, Sender
from heedful.ingest.importing.plan import Plan
from heedful.ingest.importing.rejects import Reject

_PATH: Final = "/v1/quarantine"
_ID_BYTES: Final = 16
_MAX_DETAIL: Final = 2000


def new_import_id() -> str:
    """Of an import from here, as the server makes them for those that it reads itself."""
    return f"im-{secrets.token_hex(_ID_BYTES)}"


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
                        "detail": row.detail[:_MAX_DETAIL],
                        "fields": dict(row.fields),
                    }
                    for row in rows
                ],
            }
        )
