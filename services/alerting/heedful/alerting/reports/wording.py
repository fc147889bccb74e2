"""The words of the report in both languages, and how its figures are written. Pure."""

from collections.abc import Mapping
from itertools import pairwise
from typing import Final

from heedful.alerting.endpoint_kinds import Language
from heedful.alerting.figures.model import AGES, Excluded, Share
from heedful.alerting.verification.verdict import Outcome

_ZH, _EN = Language.ZH, Language.EN

WORDS: Final[Mapping[Language, Mapping[str, str]]] = {
    _ZH: {
        "title": "客户之声月报",
        "unnamed": "未标明",
        "received": "新案例",
        "red": "红灯",
        "responded": "24 小时内响应（红灯）",
        "planned": "48 小时内有计划",
        "above": "落地超过 72 小时",
        "answered": "红灯已回复",
        "landed": "已落地",
        "verified": "已验证有效",
        "reopened": "重新打开",
        "open": "未落地",
        "promises": "承诺",
        "mean": "落地平均小时（仅已落地）",
        "median": "落地中位小时（含未落地）",
        "topics": "红灯最多的主题",
        "touchpoints": "红灯最多的触点",
        "teams": "各部门",
        "team": "部门",
        "topic": "主题",
        "touchpoint": "触点",
        "ageing": "月末未落地案例的时长",
        "fixes": "改进验证",
        "effective": "有效（可判定的改进）",
        "coverage": "覆盖",
        "labelled": "已识别的反馈",
        "excluded": "不计入",
        "more": "还有",
        "at": "数据截至",
        "not_reached": "尚未过半",
        "none": "无",
    },
    _EN: {
        "title": "Voice of the customer: the month",
        "unnamed": "not named",
        "received": "New cases",
        "red": "Red",
        "responded": "Responded within 24 h (red)",
        "planned": "Plan within 48 h",
        "above": "Landing above 72 h",
        "answered": "Red answered",
        "landed": "Landed",
        "verified": "Verified",
        "reopened": "Reopened",
        "open": "Not landed",
        "promises": "Promises",
        "mean": "Mean hours to land (of what has landed)",
        "median": "Median hours to land (with what has not)",
        "topics": "Topics with the most red",
        "touchpoints": "Touchpoints with the most red",
        "teams": "Departments",
        "team": "Department",
        "topic": "Topic",
        "touchpoint": "Touchpoint",
        "ageing": "Age of what had not landed",
        "fixes": "Fix verification",
        "effective": "Effective (of those that could be told)",
        "coverage": "Coverage",
        "labelled": "Feedback with labels",
        "excluded": "Not counted",
        "more": "more",
        "at": "As of",
        "not_reached": "not half yet",
        "none": "none",
    },
}

OUTCOMES: Final[Mapping[Language, Mapping[Outcome, str]]] = {
    _ZH: {
        Outcome.VERIFIED: "有效",
        Outcome.NO_EFFECT: "无效果",
        Outcome.WORSE: "变差",
        Outcome.INCONCLUSIVE: "无法判定",
    },
    _EN: {
        Outcome.VERIFIED: "verified",
        Outcome.NO_EFFECT: "no effect",
        Outcome.WORSE: "worse",
        Outcome.INCONCLUSIVE: "inconclusive",
    },
}

EXCLUSIONS: Final[Mapping[Language, Mapping[Excluded, str]]] = {
    _ZH: {
        Excluded.DISMISSED: "已驳回",
        Excluded.MERGED: "已合并",
        Excluded.LATE_SOURCE: "来源延迟",
        Excluded.NOT_ENFORCED: "未计时",
    },
    _EN: {
        Excluded.DISMISSED: "dismissed",
        Excluded.MERGED: "merged",
        Excluded.LATE_SOURCE: "late source",
        Excluded.NOT_ENFORCED: "not enforced",
    },
}

_HOURS: Final = [int(age.total_seconds()) // 3600 for age in AGES]
_DAY_H: Final = 24
_DAYS_FROM_H: Final = 168


def ages(language: Language) -> list[str]:
    """The names of `Report.ages`."""
    bounds = [_bound(hours, language) for hours in _HOURS]
    between = [f"{low} – {high}" for low, high in pairwise(bounds)]
    return [f"< {bounds[0]}", *between, f"≥ {bounds[-1]}"]


def share(found: Share) -> str:
    """A share with what it is of: 75 % (3/4)."""
    if found.share is None:
        return "–"
    return f"{100 * found.share:.0f} % ({found.part}/{found.n})"


def hours(found: float | None, language: Language) -> str:
    return WORDS[language]["not_reached"] if found is None else f"{found:.1f} h"


def _bound(number: int, language: Language) -> str:
    if number < _DAYS_FROM_H:
        return f"{number} h"
    return f"{number // _DAY_H} {'天' if language is _ZH else 'd'}"
