"""What notices are about, as answers tell it: there will be more of them."""

from heedful.common.contracts.base import OpenEnum


class EventName(OpenEnum):
    OPENED = "case.opened"
    REOPENED = "case.reopened"
    RAISED = "case.severity_changed"
    WARNING = "case.warning"
    BREACHED = "case.breached"
    ESCALATED = "case.escalated"
    ACKNOWLEDGED = "case.acknowledged"
    CLOSED = "case.closed"
    REPLY_WANTED = "case.reply.wanted"
    SIGNALLED = "case.signalled"
    ISSUE_OPENED = "issue.opened"
    ISSUE_UPDATED = "issue.updated"
    ISSUE_CLOSED = "issue.closed"
    TEST = "endpoint.test"
    FAILING = "endpoint.failing"
    DISABLED = "endpoint.disabled"
    REPORT = "report.monthly"
    OTHER = "other"
