"""What the actions of links are called."""

from collections.abc import Mapping
from typing import Final

from heedful.alerting.endpoint_kinds import Language
from heedful.alerting.links.link import LinkAction

LABELS: Final[Mapping[Language, Mapping[LinkAction, str]]] = {
    Language.ZH: {LinkAction.ACKNOWLEDGE: "确认已看到", LinkAction.CLAIM: "认领"},
    Language.EN: {LinkAction.ACKNOWLEDGE: "Acknowledge", LinkAction.CLAIM: "Claim"},
}
