"""The table `console.unmasking`: who has seen a customer's identifiers whole."""

from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from heedful.console.sessions.session import Session

_ADD = text(
    "INSERT INTO console.unmasking (tenant, person, role, subject_kind, subject_id, at)"
    " VALUES (:tenant, :person, :role, :kind, :subject, :at)"
)


async def note_unmasking(
    engine: AsyncEngine, session: Session, kind: str, subject: str, at: datetime
) -> None:
    """Before they are shown.

    Args:
        kind: of the subject, case or customer.
    """
    values = {
        "tenant": session.tenant,
        "person": session.person,
        "role": session.role.value,
        "kind": kind,
        "subject": subject,
        "at": at,
    }
    async with engine.begin() as connection:
        await connection.execute(_ADD, values)
