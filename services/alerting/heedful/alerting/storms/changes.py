"""What the audit says of what people do to issues. Pure."""

from heedful.alerting.audit import Entry, Subject
from heedful.alerting.audit.canonical import JsonObject
from heedful.common.contracts import Actor


def entry(
    actor: Actor, tenant: str, issue_id: str, done: str, after: JsonObject | None = None
) -> Entry:
    """Without what was said: words stand in the events of the cases, and are erased there.

    Args:
        done: in the past: `opened`.
    """
    subject = Subject("issue", issue_id)
    return Entry(tenant=tenant, actor=actor, action=f"issue.{done}", subject=subject, after=after)
