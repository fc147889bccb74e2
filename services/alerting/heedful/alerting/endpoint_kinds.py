"""What kinds of endpoints there are, and what their messages can be."""

from enum import StrEnum


class EndpointKind(StrEnum):
    STANDARD = "standard"
    DINGTALK = "dingtalk"
    FEISHU = "feishu"
    WECOM = "wecom"
    SLACK = "slack"
    TEAMS = "teams"
    PAGERDUTY = "pagerduty"
    EMAIL = "email"


class ActionLinks(StrEnum):
    """Who gets links in messages, by which members act with one click."""

    NONE = "none"
    MENTIONED = "mentioned"


class Language(StrEnum):
    ZH = "zh"
    EN = "en"


class StormNotices(StrEnum):
    """How an endpoint hears of cases that belong to an issue: by the issue, or each by itself."""

    GROUPED = "grouped"
    EACH = "each"
