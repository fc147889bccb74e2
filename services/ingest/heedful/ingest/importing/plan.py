"""What is to be done with a file, decided before its first row is taken.

A plan is written down with the progress of an import, so that going on with it later does the same.
"""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from heedful.common.contracts import Channel, Name
from heedful.ingest.importing.dates import DateOrder
from heedful.ingest.importing.layout import Layout
from heedful.ingest.importing.scores import Scale

DEFAULT_ZONE: Final = "Asia/Shanghai"
NOW: Final = "now"
IGNORE: Final = "ignore"
MANY: Final = frozenset({"text", "occurred_at"})
"""Targets that several columns can become together."""

LABELS: Final[Mapping[str, str]] = {
    "text": "what was said 客户的话",
    "id": "names the row 编号",
    "occurred_at": "when it was said 时间",
    "score": "score 评分",
    "channel": "channel 渠道",
    "conversation_id": "conversation 会话",
    "touchpoint": "touchpoint 触点",
    "department": "department 部门",
    "language": "language 语言",
    "customer_id": "customer 客户号",
    "member_card": "member card 会员号",
    "phone": "phone 手机",
    "email": "e-mail 邮箱",
    "wechat_openid": "WeChat openid 微信",
    "wechat_unionid": "WeChat unionid 微信",
    "external": "other identifier 其他标识",
    "device": "device 设备",
}
"""What a column can become, and what people call it; `attributes.<name>` beside these."""

_ATTRIBUTE: Final = re.compile(r"attributes\.[a-z][a-z0-9_]{0,63}")

Entry = Annotated[str, Field(max_length=300)]
OccurredAt = datetime | Literal["now"]


class Options(BaseModel):
    """What the user says of an import; what is left out is guessed."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    source: Name = Field(
        description="The system that the rows come from; it and its id make a row repeatable."
    )
    channel: Channel | None = Field(
        default=None, description="Where it was said; needed unless a column says it."
    )
    mapping: Annotated[tuple[Entry, ...], Field(max_length=200)] = Field(
        default=(),
        description="Entries TARGET=COLUMN, with a column's name or place (#3). A target that is "
        "named takes these columns and no others; ignore=COLUMN leaves one out.",
    )
    timezone: str = Field(
        default=DEFAULT_ZONE, max_length=64, description="Of times without an offset."
    )
    date_order: DateOrder | None = Field(
        default=None, description="Of dates such as 05/06/2026; default: as the column says."
    )
    scale: str | None = Field(
        default=None, max_length=40, description="nps, csat, ces, stars or kind:minimum-maximum."
    )
    occurred_at: str | None = Field(
        default=None,
        max_length=40,
        description="One time for all rows, or now; only where no column says it.",
    )
    touchpoint: Name | None = Field(default=None, description="Of all rows.")
    department: Name | None = Field(default=None, description="Of all rows.")
    backfill: bool = Field(
        default=True, description="History opens no case and notifies nobody; false: live rows do."
    )


class Use(BaseModel):
    """One column and what it becomes; `position` counts from 0."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    position: int
    column: str
    target: str


class Plan(BaseModel):
    """Everything that decides what a row becomes."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    layout: Layout
    uses: tuple[Use, ...]
    source: Name
    channel: Channel | None
    timezone: str
    date_order: DateOrder | None
    scale: Scale | None
    occurred_at: OccurredAt | None
    touchpoint: Name | None
    department: Name | None
    backfill: bool

    def of(self, target: str) -> tuple[Use, ...]:
        """The columns that become this, in their order."""
        return tuple(use for use in self.uses if use.target == target)

    def mapping(self) -> dict[str, str]:
        """Field -> column, for the provenance of each item."""
        found: dict[str, str] = {}
        for use in self.uses:
            before = found.get(use.target)
            found[use.target] = use.column if before is None else f"{before} + {use.column}"
        return {target: column[:200] for target, column in found.items()}


def is_target(name: str) -> bool:
    """Whether a column can become this."""
    return name in LABELS or name == IGNORE or _ATTRIBUTE.fullmatch(name) is not None


def label(target: str) -> str:
    return LABELS.get(target, f"attribute {target.partition('.')[2]} 属性")
