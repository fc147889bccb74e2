"""The light follows from labels alone."""

import pytest

from heedful.common.contracts import (
    Intent,
    IntentLabel,
    Polarity,
    Score,
    ScoreKind,
    Sentiment,
    Span,
    Urgency,
    UrgencyLevel,
)
from heedful.nlp.policy import Labels, LightPolicy, PolicyFile, scaled
from heedful.nlp.resources import DataError, parse

POLICY = LightPolicy.load()
EVIDENCE = (Span(start=0, end=1, text="x"),)


def labels(
    polarity: str | None = None,
    level: str | None = None,
    category: str = "legal",
    intent: str | None = None,
    score: Score | None = None,
) -> Labels:
    return Labels(
        sentiment=Sentiment(polarity=Polarity(polarity), confidence=0.9, evidence=EVIDENCE)
        if polarity
        else None,
        urgency=Urgency(
            level=UrgencyLevel(level), categories=(category,), confidence=0.9, evidence=EVIDENCE
        )
        if level
        else None,
        intent=Intent(label=IntentLabel(intent), confidence=0.9, evidence=EVIDENCE)
        if intent
        else None,
        score=score,
    )


def stars(value: float) -> Score:
    return Score(kind=ScoreKind.STARS, value=value, minimum=1, maximum=5)


CASES = [
    (labels(), "grey", ["no_evidence"]),
    (labels("neutral"), "grey", ["no_evidence"]),
    (labels("positive"), "green", ["positive"]),
    (labels("negative"), "amber", ["negative"]),
    (labels("mixed"), "amber", ["mixed"]),
    (labels("negative", intent="complaint"), "amber", ["negative", "complaint"]),
    (labels("positive", "critical", "injury"), "red", ["critical_urgency"]),
    (labels(None, "critical", "fire_smoke"), "red", ["critical_urgency"]),
    (labels("negative", "high", "injury"), "red", ["doubtful_emergency"]),
    (labels("neutral", "high", "injury"), "amber", ["urgent_matter"]),
    (labels(None, "high", "legal"), "red", ["sensitive_matter"]),
    (labels("positive", "high", "media"), "amber", ["urgent_matter"]),
    (labels("negative", "high", "repeated_contact"), "red", ["unresolved_or_down"]),
    (labels("neutral", "high", "service_outage"), "red", ["unresolved_or_down"]),
    (labels("negative", intent="churn"), "red", ["leaving"]),
    (labels(None, intent="churn"), "red", ["leaving"]),
    (
        labels("negative", "high", "legal", "churn"),
        "red",
        ["sensitive_matter", "leaving"],
    ),
    (labels("positive", score=stars(1)), "amber", ["low_score"]),
    (labels(None, score=stars(2)), "amber", ["low_score"]),
    (labels(None, score=stars(5)), "green", ["high_score"]),
    (labels("negative", score=stars(5)), "amber", ["negative"]),
    (labels(None, score=stars(4)), "grey", ["no_evidence"]),
    (
        labels(None, score=Score(kind=ScoreKind.CES, value=1, minimum=1, maximum=7)),
        "grey",
        ["no_evidence"],
    ),
    (
        labels(None, score=Score(kind=ScoreKind.NPS, value=3, minimum=0, maximum=10)),
        "amber",
        ["low_score"],
    ),
    (labels(None, score=stars(9)), "grey", ["no_evidence"]),
]


@pytest.mark.parametrize(("given", "colour", "reasons"), CASES)
def test_light(given: Labels, colour: str, reasons: list[str]) -> None:
    light = POLICY.light(given)
    assert light.colour == colour
    assert [reason.code for reason in light.reasons] == reasons
    assert all(reason.label_zh and reason.label_en for reason in light.reasons)


@pytest.mark.parametrize(
    ("value", "low", "high", "share"),
    [(8, 0, 10, 0.8), (1, 1, 5, 0), (5, 5, 5, None), (6, 1, 5, None), (0, 10, 0, None)],
)
def test_a_score_counts_on_its_own_scale(
    value: float, low: float, high: float, share: float | None
) -> None:
    score = Score(kind=ScoreKind.CSAT, value=value, minimum=low, maximum=high)
    assert scaled(score) == share


def test_red_shows_the_customers_words() -> None:
    light = POLICY.light(labels("negative", "critical", "injury"))
    assert light.reasons[0].evidence == EVIDENCE


RULE = "{code: a, colour: red, zh: 甲, en: A, when: {}}"


@pytest.mark.parametrize(
    ("rules", "message"),
    [
        (f"[{RULE}, {RULE}]", "a defined twice"),
        ("[{code: a, colour: red, zh: 甲, en: A, when: {intent: [churn]}}]", "none holds for all"),
    ],
)
def test_a_policy_that_cannot_decide_is_refused(rules: str, message: str) -> None:
    file = parse("policy.yaml", f'version: "1"\nrules: {rules}', PolicyFile)
    with pytest.raises(DataError, match=message):
        LightPolicy(file)
