"""How each kind of endpoint wants its message, and what its answer means. Pure."""

from collections.abc import Mapping

from heedful.alerting.endpoint_kinds import EndpointKind
from heedful.alerting.formats.base import Format
from heedful.alerting.formats.dingtalk import DingTalk
from heedful.alerting.formats.email import Email
from heedful.alerting.formats.feishu import Feishu
from heedful.alerting.formats.pagerduty import PagerDuty
from heedful.alerting.formats.slack import Slack
from heedful.alerting.formats.standard import Standard
from heedful.alerting.formats.teams import Teams
from heedful.alerting.formats.wecom import WeCom

FORMATS: Mapping[EndpointKind, Format] = {
    EndpointKind.STANDARD: Standard(),
    EndpointKind.DINGTALK: DingTalk(),
    EndpointKind.FEISHU: Feishu(),
    EndpointKind.WECOM: WeCom(),
    EndpointKind.SLACK: Slack(),
    EndpointKind.TEAMS: Teams(),
    EndpointKind.PAGERDUTY: PagerDuty(),
    EndpointKind.EMAIL: Email(),
}
