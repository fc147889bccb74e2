"""The kinds of endpoints: which fields each has (docs/endpoints.md, "Kinds")."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Secret(StrEnum):
    """`made`: alerting makes it and shows it once; others are the vendor's."""

    MADE = "made"
    OPTIONAL = "optional"
    NEEDED = "needed"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Kind:
    """
    Attributes:
        sample: how an address of it looks.
        sealed: the address is a secret too, so it is not shown again.
        keyword: its robots may want a word in every message.
        messages: it takes text for people; otherwise events for machines.
    """

    name: str
    sample: str
    secret: Secret
    sealed: bool = True
    keyword: bool = False
    messages: bool = True


KINDS: Final[Mapping[str, Kind]] = {
    one.name: one
    for one in (
        Kind(
            "dingtalk",
            "https://oapi.dingtalk.com/robot/send?access_token=…",
            Secret.OPTIONAL,
            keyword=True,
        ),
        Kind(
            "feishu",
            "https://open.feishu.cn/open-apis/bot/v2/hook/…",
            Secret.OPTIONAL,
            keyword=True,
        ),
        Kind("wecom", "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=…", Secret.NONE),
        Kind("slack", "https://hooks.slack.com/services/…", Secret.NONE),
        Kind("teams", "https://prod-1.westeurope.logic.azure.com/workflows/…", Secret.NONE),
        Kind("pagerduty", "https://events.pagerduty.com/v2/enqueue", Secret.NEEDED, sealed=False),
        Kind("email", "mailto:ops@example.com,lead@example.com", Secret.NONE, sealed=False),
        Kind(
            "standard",
            "https://ops.example.com/heedful",
            Secret.MADE,
            sealed=False,
            messages=False,
        ),
    )
}
AUDIENCES: Final = ("owner", "lead", "manager", "director", "board")
EVENTS: Final = (
    "case.opened",
    "case.reopened",
    "case.severity_changed",
    "case.warning",
    "case.breached",
    "case.escalated",
    "case.signalled",
    "case.acknowledged",
    "case.closed",
    "case.reply.wanted",
    "issue.opened",
    "issue.updated",
    "issue.closed",
    "endpoint.failing",
    "endpoint.disabled",
    "report.monthly",
)
"""What can be chosen; `endpoint.test` goes to whoever is tested."""
