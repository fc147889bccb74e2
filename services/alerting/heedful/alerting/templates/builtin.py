"""The templates of heedful, and the words that they and tenants' templates use."""

from collections.abc import Mapping
from dataclasses import dataclass

from heedful.alerting.endpoint_kinds import Language
from heedful.alerting.webhook import EventType


@dataclass(frozen=True, slots=True)
class Templates:
    """Sources of a message: `title` is one line."""

    title: str
    text: str


_ZH_CASE = """\
{% if forwarded %}
{{ bold("转发") }}：原通道十五分钟内未送达
{% endif %}
{% if due %}
{{ bold("时限") }}：{{ clock_label }} {{ due }}
{% endif %}
{% if signal %}
{{ bold("信号") }}：{{ signal_label }}
{% endif %}
{% if signal_why %}
{{ bold("依据") }}：{{ signal_why }}
{% endif %}
{% if signal_sure %}
{{ bold("把握") }}：{{ signal_sure }}
{% endif %}
{% if reasons %}
{{ bold("原因") }}：{{ reasons | join("、") }}
{% endif %}
{{ bold("渠道") }}：{{ channel }}
{{ bold("接收时间") }}：{{ received_at }}
{{ bold("状态") }}：{{ state_label }}
{{ bold("案例") }}：{{ case_id }}
"""
_EN_CASE = """\
{% if forwarded %}
{{ bold("Forwarded") }}: the first channel did not take it
{% endif %}
{% if due %}
{{ bold("Due") }}: {{ clock_label }} {{ due }}
{% endif %}
{% if signal %}
{{ bold("Signal") }}: {{ signal_label }}
{% endif %}
{% if signal_why %}
{{ bold("Why") }}: {{ signal_why }}
{% endif %}
{% if signal_sure %}
{{ bold("Sureness") }}: {{ signal_sure }}
{% endif %}
{% if reasons %}
{{ bold("Because") }}: {{ reasons | join(", ") }}
{% endif %}
{{ bold("Channel") }}: {{ channel }}
{{ bold("Received") }}: {{ received_at }}
{{ bold("State") }}: {{ state_label }}
{{ bold("Case") }}: {{ case_id }}
"""
_ZH_REPLY = "{{ bold('请回复客户') }}：{{ text }}\n" + _ZH_CASE
_EN_REPLY = "{{ bold('Reply to the customer') }}: {{ text }}\n" + _EN_CASE
_ZH_ISSUE = """\
{% if forwarded %}
{{ bold("转发") }}：原通道十五分钟内未送达
{% endif %}
{{ bold("案例") }}：共 {{ cases }} 个，未解决 {{ unsettled }} 个，其中红灯 {{ red }} 个
{% for one in news %}
{{ bold(one.label) }}：{{ one.n }}
{% endfor %}
{% for one in children %}
{{ link(one.title, one.url) }} {{ one.case_id }}
{% endfor %}
{% if more %}
另有 {{ more }} 个案例
{% endif %}
{{ bold("开始时间") }}：{{ since }}
{{ bold("集中问题") }}：{{ issue_id }}
"""
_EN_ISSUE = """\
{% if forwarded %}
{{ bold("Forwarded") }}: the first channel did not take it
{% endif %}
{{ bold("Cases") }}: {{ cases }}, unsettled {{ unsettled }}, of these red {{ red }}
{% for one in news %}
{{ bold(one.label) }}: {{ one.n }}
{% endfor %}
{% for one in children %}
{{ link(one.title, one.url) }} {{ one.case_id }}
{% endfor %}
{% if more %}
and {{ more }} more
{% endif %}
{{ bold("Since") }}: {{ since }}
{{ bold("Issue") }}: {{ issue_id }}
"""


def _case(text: str, told: str) -> Templates:
    return Templates("[{{ colour_label }}] {{ type_label }}" + told, text)


def _issue(text: str, colon: str) -> Templates:
    title = "[{{ colour_label }}] {{ type_label }}{% if about %}" + colon
    return Templates(title + "{{ about }}{% endif %}", text)


_REPORT = Templates(
    "{{ heading or type_label }}", "{% for line in lines %}\n{{ line }}\n{% endfor %}"
)
_CLOCK_ZH = "{% if clock %}：{{ clock_label }}{% endif %}"
_CLOCK_EN = "{% if clock %}: {{ clock_label }}{% endif %}"
_SIGNAL_ZH = "{% if signal_label %}：{{ signal_label }}{% endif %}"
_SIGNAL_EN = "{% if signal_label %}: {{ signal_label }}{% endif %}"
_STEP_ZH = _CLOCK_ZH + "{% if step %}（{{ step }}）{% endif %}"
_STEP_EN = _CLOCK_EN + "{% if step %} ({{ step }}){% endif %}"

BUILTIN: Mapping[Language, Mapping[EventType, Templates]] = {
    Language.ZH: {
        EventType.OPENED: _case(_ZH_CASE, ""),
        EventType.REOPENED: _case(_ZH_CASE, ""),
        EventType.RAISED: _case(_ZH_CASE, ""),
        EventType.WARNING: _case(_ZH_CASE, _STEP_ZH),
        EventType.BREACHED: _case(_ZH_CASE, _STEP_ZH),
        EventType.ESCALATED: _case(_ZH_CASE, _STEP_ZH),
        EventType.SIGNALLED: _case(_ZH_CASE, _SIGNAL_ZH),
        EventType.ACKNOWLEDGED: _case(_ZH_CASE, ""),
        EventType.CLOSED: _case(_ZH_CASE, ""),
        EventType.REPLY_WANTED: _case(_ZH_REPLY, ""),
        EventType.ISSUE_OPENED: _issue(_ZH_ISSUE, "："),
        EventType.ISSUE_UPDATED: _issue(_ZH_ISSUE, "："),
        EventType.ISSUE_CLOSED: _issue(_ZH_ISSUE, "："),
        EventType.TEST: Templates(
            "[测试] 端点连通测试", "这是一条测试消息，无需处理。\n" + _ZH_CASE
        ),
        EventType.FAILING: Templates(
            "[运维] 端点连续投递失败",
            "{{ bold('端点') }}：{{ endpoint }}\n{{ bold('首次失败') }}：{{ since }}\n",
        ),
        EventType.DISABLED: Templates(
            "[运维] 端点已停用",
            "{{ bold('端点') }}：{{ endpoint }}\n{{ bold('原因') }}：{{ reason }}\n",
        ),
        EventType.REPORT: _REPORT,
    },
    Language.EN: {
        EventType.OPENED: _case(_EN_CASE, ""),
        EventType.REOPENED: _case(_EN_CASE, ""),
        EventType.RAISED: _case(_EN_CASE, ""),
        EventType.WARNING: _case(_EN_CASE, _STEP_EN),
        EventType.BREACHED: _case(_EN_CASE, _STEP_EN),
        EventType.ESCALATED: _case(_EN_CASE, _STEP_EN),
        EventType.SIGNALLED: _case(_EN_CASE, _SIGNAL_EN),
        EventType.ACKNOWLEDGED: _case(_EN_CASE, ""),
        EventType.CLOSED: _case(_EN_CASE, ""),
        EventType.REPLY_WANTED: _case(_EN_REPLY, ""),
        EventType.ISSUE_OPENED: _issue(_EN_ISSUE, ": "),
        EventType.ISSUE_UPDATED: _issue(_EN_ISSUE, ": "),
        EventType.ISSUE_CLOSED: _issue(_EN_ISSUE, ": "),
        EventType.TEST: Templates("[Test] Endpoint test", "A test: nothing to do.\n" + _EN_CASE),
        EventType.FAILING: Templates(
            "[Operations] An endpoint keeps failing",
            "{{ bold('Endpoint') }}: {{ endpoint }}\n{{ bold('Failing since') }}: {{ since }}\n",
        ),
        EventType.DISABLED: Templates(
            "[Operations] An endpoint was disabled",
            "{{ bold('Endpoint') }}: {{ endpoint }}\n{{ bold('Because') }}: {{ reason }}\n",
        ),
        EventType.REPORT: _REPORT,
    },
}

_LISTED = """\
{% for one in notices %}
{{ link(one.title, one.url) }} {{ one.case_id }}
{% endfor %}
"""

DIGEST: Mapping[Language, Templates] = {
    Language.ZH: Templates(
        "{% if urgent %}[红灯] {% endif %}合并通知：{{ count }} 条",
        _LISTED,
    ),
    Language.EN: Templates(
        "{% if urgent %}[Red] {% endif %}{{ count }} notices in one",
        _LISTED,
    ),
}

LINK_LABEL: Mapping[Language, str] = {Language.ZH: "查看详情", Language.EN: "Open"}

LABELS: Mapping[Language, Mapping[str, str]] = {
    Language.ZH: {
        "case.opened": "新案例",
        "case.reopened": "案例重开",
        "case.severity_changed": "灯色变化",
        "case.warning": "即将超时",
        "case.breached": "已超时",
        "case.escalated": "已升级",
        "case.acknowledged": "已确认",
        "case.closed": "已关闭",
        "case.reply.wanted": "请回复客户",
        "case.signalled": "旅程信号",
        "issue.opened": "集中问题",
        "issue.updated": "集中问题更新",
        "issue.closed": "集中问题结束",
        "endpoint.test": "测试",
        "report.monthly": "月报",
        "red": "红灯",
        "amber": "黄灯",
        "green": "绿灯",
        "grey": "灰灯",
        "respond": "响应",
        "plan": "计划",
        "land": "落地",
        "next_reply": "下次回复",
        "new": "新建",
        "acknowledged": "已确认",
        "planned": "已计划",
        "in_progress": "处理中",
        "waiting_customer": "等待客户",
        "waiting_third_party": "等待第三方",
        "landed": "已落地",
        "verified": "已验证",
        "closed": "已关闭",
        "dismissed": "已驳回",
        "merged": "已合并",
    },
    Language.EN: {
        "case.opened": "New case",
        "case.reopened": "Case reopened",
        "case.severity_changed": "Light changed",
        "case.warning": "About to breach",
        "case.breached": "Breached",
        "case.escalated": "Escalated",
        "case.acknowledged": "Acknowledged",
        "case.closed": "Closed",
        "case.reply.wanted": "Reply wanted",
        "case.signalled": "Signal",
        "issue.opened": "Issue",
        "issue.updated": "Issue, news",
        "issue.closed": "Issue closed",
        "endpoint.test": "Test",
        "report.monthly": "Monthly report",
        "red": "Red",
        "amber": "Amber",
        "green": "Green",
        "grey": "Grey",
        "respond": "respond",
        "plan": "plan",
        "land": "land",
        "next_reply": "next reply",
        "new": "new",
        "acknowledged": "acknowledged",
        "planned": "planned",
        "in_progress": "in progress",
        "waiting_customer": "waiting for the customer",
        "waiting_third_party": "waiting for a third party",
        "landed": "landed",
        "verified": "verified",
        "closed": "closed",
        "dismissed": "dismissed",
        "merged": "merged",
    },
}
