"""Every label that an enrichment can carry, for people and for programs that list them."""

from functools import cache
from typing import Final, NamedTuple

from heedful.common.contracts import Colour, EmotionLabel, Polarity, UrgencyLevel
from heedful.nlp import intent, urgency
from heedful.nlp.intent import IntentFile
from heedful.nlp.lexicon import Lexicon
from heedful.nlp.policy import LightPolicy
from heedful.nlp.resources import read
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
def _labels(policy: LightPolicy) -> tuple[Label, ...]:
    lexicon, taxonomy = Lexicon.load(), Taxonomy.load()
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
            Label("urgency", rule.code, rule.zh, rule.en, lexicon.version)
            for rule in read(urgency.FILE, UrgencyFile).rules
        ),
        *(
            Label("intent", rule.code, rule.zh, rule.en, lexicon.version)
            for rule in read(intent.FILE, IntentFile).rules
        ),
        *(
            Label("topic", topic.code, topic.zh, topic.en, taxonomy.version)
            for topic in taxonomy.topics
        ),
        *(Label("reason", rule.code, rule.zh, rule.en, policy.version) for rule in policy.rules),
    )


def catalogue(policy: LightPolicy) -> list[dict[str, str]]:
    """All labels: kind, code, Chinese and English name, and the version that defines them."""
    return [label._asdict() for label in _labels(policy)]
