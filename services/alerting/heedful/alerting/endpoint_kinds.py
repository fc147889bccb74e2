"""What kinds of endpoints there are, and the languages of their messages."""

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


class Language(StrEnum):
    ZH = "zh"
    EN = "en"
