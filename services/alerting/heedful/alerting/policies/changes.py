"""What the audit says of a change of policies. Pure."""

from heedful.alerting.audit import Entry, Subject
from heedful.alerting.policies.document import PolicyDocument
from heedful.common.contracts import Actor

_SUBJECT = Subject("policy", "policy")


def made(actor: Actor, tenant: str, version: int, document: PolicyDocument) -> Entry:
    """A version was made. The one before it stands in its own entry."""
    after = {"version": version, "document": document.model_dump(mode="json")}
    return Entry(tenant=tenant, actor=actor, action="policy.made", subject=_SUBJECT, after=after)


def activated(actor: Actor, tenant: str, before: int | None, version: int) -> Entry:
    """Clocks are started by another version."""
    return Entry(
        tenant=tenant,
        actor=actor,
        action="policy.activated",
        subject=_SUBJECT,
        before=None if before is None else {"version": before},
        after={"version": version},
    )
