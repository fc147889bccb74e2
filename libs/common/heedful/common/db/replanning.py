"""Statements are prepared anew after a migration has changed what they give.

One that gives all columns of a table cannot be run as it was prepared once there is a column more:
"cached plan must not change result type", SQLSTATE 0A000. asyncpg and SQLAlchemy then forget what
they have prepared, and another try succeeds. PgBouncer in transaction mode does not forget: for
each of its connections it prepares a text once, whoever sends it. So from then on the text is
another one.
"""

import uuid
from typing import Any

import asyncpg
from sqlalchemy import event
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.ext.asyncio import AsyncEngine


def replan_after_changes(engine: AsyncEngine) -> None:
    """Mark the engine's statements when one turns out to be outdated."""
    mark = ""

    def marked(
        _connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any
    ) -> tuple[str, Any]:
        return statement + mark, parameters

    def failed(of: ExceptionContext) -> None:
        nonlocal mark
        if is_outdated(of.original_exception):
            # By chance, so that nobody can have had it prepared before the change.
            mark = f" /* {uuid.uuid4().hex} */"

    event.listen(engine.sync_engine, "before_cursor_execute", marked, retval=True)
    event.listen(engine.sync_engine, "handle_error", failed)


def is_outdated(error: BaseException | None) -> bool:
    """Whether this error of the driver says that a statement was prepared before a change."""
    return isinstance(getattr(error, "__cause__", None), asyncpg.InvalidCachedStatementError)
