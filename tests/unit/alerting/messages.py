"""Messages and targets that tests of formats send."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import orjson

from heedful.alerting.formats.base import Button, Message, Post, Request, Target
from heedful.alerting.recipients import Mention

NOW = datetime(2026, 3, 1, 8, tzinfo=UTC)
URL = "https://heedful.example.com/v1/cases/c1"
WANG = Mention(
    "m1",
    "王芳",
    {
        "dingtalk": "user-7",
        "feishu": "ou_7",
        "wecom": "wangfang",
        "slack": "U7",
        "teams": "wang@example.com",
        "email": "wang@example.com",
    },
)

BUTTONS = (
    Button("认领（王芳）", "https://heedful.example.com/l/claim-t0ken"),
    Button("确认已看到（王芳）", "https://heedful.example.com/l/seen-t0ken"),
)
MOST_BUTTONS = tuple(
    Button(f"{'A' * 20}（{'好' * 40}）", f"https://heedful.example.com/l/{number:043}")
    for number in range(6)
)


def message(**changes: Any) -> Message:
    """A red light, as some format is told of it."""
    made = Message(
        id="w1",
        body=orjson.dumps({"type": "case.opened", "timestamp": "2026-03-01T08:00:00Z", "data": {}}),
        subject="c1",
        title="[红灯] 新案例",
        text="**原因**：起火\n**渠道**：call",
        url=URL,
        at=NOW,
    )
    return replace(made, **changes)


def target(**changes: Any) -> Target:
    return replace(Target("https://robot.example.com/send?access_token=t0ken", NOW), **changes)


def sent(request: Request) -> Any:
    """The JSON of a request."""
    assert isinstance(request, Post)
    return orjson.loads(request.body)
