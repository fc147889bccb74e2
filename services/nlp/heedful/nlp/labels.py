"""Every label that an enrichment can carry, for people and for programs that list them."""

from functools import cache
from typing import Final, NamedTuple

from heedful.common.contracts import Colour, EmotionLabel, IntentLabel, Polarity, UrgencyLevel
from heedful.nlp import intent, need, perception, urgency
from heedful.nlp.intent import IntentFile
from heedful.nlp.need import NeedFile
from heedful.nlp.perception import PerceptionFile
from heedful.nlp.policy import LightPolicy
from heedful.nlp.resources import read
from heedful.nlp.ruleset import RuleSet
from heedful.nlp.statement import CHURN_FILE, SOLICITED_FILE, StatementFile
from heedful.nlp.taxonomy import Taxonomy
from heedful.nlp.urgency import UrgencyFile

# These come from the contract, whose version is the topic's.
_CONTRACT: Final = "v1"
_POLARITIES: Final = {
    Polarity.POSITIVE: ("正面", "Positive"),
    Polarity.NEGATIVE: ("负面", "Negative"),
    Polarity.NEUTRAL: ("中性", "Neutral"),
    Polarity.MIXED: ("褒贬兼有", "Mixed"),
}
_EMOTIONS: Final = {
    EmotionLabel.ANGRY: ("愤怒", "Angry"),
    EmotionLabel.SAD: ("难过", "Sad"),
    EmotionLabel.FEAR: ("担忧", "Fear"),
    EmotionLabel.HAPPY: ("高兴", "Happy"),
    EmotionLabel.SURPRISE: ("惊讶", "Surprise"),
}
_LEVELS: Final = {
    UrgencyLevel.CRITICAL: ("紧急", "Critical"),
    UrgencyLevel.HIGH: ("较急", "High"),
}
_WHOLE_TEXTS: Final = {
    IntentLabel.CHAT: ("闲聊", "Small talk"),
    IntentLabel.NOT_MEANINGFUL: ("无意义", "Nothing to understand"),
}
_COLOURS: Final = {
    Colour.RED: ("红灯", "Red"),
    Colour.AMBER: ("黄灯", "Amber"),
    Colour.GREEN: ("绿灯", "Green"),
    Colour.GREY: ("灰灯", "Grey"),
}


class Label(NamedTuple):
    kind: str
    code: str
    zh: str
    en: str
    version: str


@cache
def _labels(policy: LightPolicy, taxonomy: Taxonomy) -> tuple[Label, ...]:
    rules = RuleSet.load().version
    ruled = (
        ("urgency", read(urgency.FILE, UrgencyFile).rules),
        # A code with a dot is one more rule of an intent that has its own.
        ("intent", [one for one in read(intent.FILE, IntentFile).rules if one.code == one.intent]),
        ("perception", read(perception.FILE, PerceptionFile).rules),
        ("need", read(need.FILE, NeedFile).rules),
        *(("statement", [read(name, StatementFile).rule]) for name in (CHURN_FILE, SOLICITED_FILE)),
    )
    fixed = (
        ("sentiment", _POLARITIES),
        ("emotion", _EMOTIONS),
        ("urgency_level", _LEVELS),
        ("light", _COLOURS),
    )
    return (
        *(
            Label(kind, str(code), zh, en, _CONTRACT)
            for kind, names in fixed
            for code, (zh, en) in names.items()
        ),
        *(
            Label(kind, rule.code, rule.zh, rule.en, rules)
            for kind, listed in ruled
            for rule in listed
        ),
        *(Label("intent", str(code), zh, en, rules) for code, (zh, en) in _WHOLE_TEXTS.items()),
        *(
            Label("topic", topic.code, topic.zh, topic.en, taxonomy.version)
            for topic in taxonomy.topics
        ),
        *(Label("reason", rule.code, rule.zh, rule.en, policy.version) for rule in policy.rules),
    )


def catalogue(policy: LightPolicy, taxonomy: Taxonomy) -> list[dict[str, str]]:
    """All labels: kind, code, Chinese and English name, and the version that defines them."""
    return [label._asdict() for label in _labels(policy, taxonomy)]
