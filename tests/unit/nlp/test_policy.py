"""The light follows from labels alone."""

from pathlib import Path

import pytest

from heedful.common.contracts import (
    Channel,
    Found,
    Intent,
    IntentLabel,
    Perception,
    PerceptionLabel,
    Polarity,
    Score,
    ScoreKind,
    Sentiment,
    Span,
    Urgency,
    UrgencyLevel,
)
from heedful.common.datafiles import DataError, parse
from heedful.nlp.policy import Labels, LightPolicy, light_of, scaled
from heedful.nlp.policy_file import PolicyFile
from heedful.nlp.resources import read
from heedful.nlp.urgency import UrgencyFile, UrgencyRule
from tests.policies import policy_file

from .conftest import Enrich

POLICY = LightPolicy.load()
EVIDENCE = (Span(start=0, end=1, text="x"),)


def labels(
    polarity: str | None = None,
    level: str | None = None,
    category: str = "legal",
    intent: str | None = None,
    score: Score | None = None,
    *,
    churn: bool = False,
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
        churn=Found(confidence=0.9, evidence=EVIDENCE) if churn else None,
        score=score,
    )


def stars(value: float) -> Score:
    return Score(kind=ScoreKind.STARS, value=value, minimum=1, maximum=5)


# The easiest of seven on one scale of effort and the hardest on another.
CES_OF_SEVEN = Score(kind=ScoreKind.CES, value=7, minimum=1, maximum=7)

CASES = [
    (labels(), "grey", ["no_evidence"]),
    (labels("neutral"), "grey", ["no_evidence"]),
    (labels("positive"), "green", ["positive"]),
    (labels("negative"), "amber", ["negative"]),
    (labels("mixed"), "amber", ["mixed"]),
    (labels("negative", intent="complaint"), "amber", ["negative", "complaint"]),
    (labels("positive", "critical", "injury"), "red", ["critical_urgency"]),
    (labels(None, "critical", "fire_smoke"), "red", ["critical_urgency"]),
    (
        labels("negative", "high", "injury"),
        "amber",
        ["doubtful_harm", "urgent_matter", "negative"],
    ),
    (
        labels("negative", "high", "gas_leak"),
        "amber",
        ["doubtful_emergency", "urgent_matter", "negative"],
    ),
    (labels("neutral", "high", "injury"), "amber", ["urgent_matter"]),
    (labels(None, "high", "legal"), "red", ["sensitive_matter"]),
    (labels("positive", "high", "media"), "amber", ["urgent_matter"]),
    (labels("negative", "high", "repeated_contact"), "red", ["unresolved_or_down"]),
    (labels("neutral", "high", "service_outage"), "red", ["unresolved_or_down"]),
    (labels("positive", "high", "repeated_contact"), "amber", ["urgent_matter"]),
    (labels("positive", "high", "privacy_leak"), "red", ["without_consent"]),
    (labels("positive", "high", "unauthorised_charge"), "red", ["without_consent"]),
    (labels(None, "critical", "minor"), "red", ["person_at_risk"]),
    (labels("positive", "critical", "elderly_at_risk"), "red", ["person_at_risk"]),
    (labels("negative", churn=True), "red", ["leaving"]),
    (labels(None, churn=True), "red", ["leaving"]),
    (
        labels("negative", "high", "legal", churn=True),
        "red",
        ["sensitive_matter", "leaving"],
    ),
    (labels("positive", score=stars(1)), "amber", ["low_score"]),
    (labels(None, score=stars(2)), "amber", ["low_score"]),
    (labels(None, score=stars(5)), "green", ["high_score"]),
    (labels("negative", score=stars(5)), "amber", ["negative_despite_score"]),
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


@pytest.mark.parametrize(
    ("category", "level", "polarity"),
    [
        ("minor", "critical", "positive"),
        ("elderly_at_risk", "critical", "mixed"),
        ("repeated_contact", "high", "negative"),
        ("service_outage", "high", "neutral"),
    ],
)
def test_full_marks_make_softer_matters_amber(category: str, level: str, polarity: str) -> None:
    full = POLICY.light(labels(polarity, level, category, score=stars(5)))
    assert full.colour == "amber"
    assert "urgent_matter" in [reason.code for reason in full.reasons]
    for score in (None, stars(4), stars(1), CES_OF_SEVEN):
        assert POLICY.light(labels(polarity, level, category, score=score)).colour == "red"


@pytest.mark.parametrize(
    ("category", "level"),
    [
        ("fire_smoke", "critical"),
        ("gas_leak", "critical"),
        ("vehicle_safety", "critical"),
        ("food_safety", "critical"),
        ("injury", "critical"),
        ("violence", "critical"),
        ("privacy_leak", "high"),
    ],
)
def test_full_marks_never_hide_an_emergency(category: str, level: str) -> None:
    assert POLICY.light(labels("positive", level, category, score=stars(5))).colour == "red"


def test_an_emergency_beside_a_softer_matter_stays_red() -> None:
    both = Urgency(
        level=UrgencyLevel.CRITICAL,
        categories=("minor", "injury"),
        confidence=0.9,
        evidence=EVIDENCE,
    )
    light = POLICY.light(Labels(urgency=both, score=stars(5)))
    assert [reason.code for reason in light.reasons] == ["critical_urgency"]


@pytest.mark.parametrize("rule", read("urgency.yaml", UrgencyFile).rules, ids=lambda one: one.code)
def test_no_kind_of_urgency_is_forgotten(rule: UrgencyRule) -> None:
    assert POLICY.light(labels("negative", rule.level, rule.code)).colour == "red"


RULE = "{code: a, colour: red, zh: 甲, en: A, when: {}}"


@pytest.mark.parametrize(
    ("rules", "message"),
    [
        (f"[{RULE}, {RULE}]", "a defined twice"),
        ("[{code: a, colour: red, zh: 甲, en: A, when: {churn: true}}]", "none holds for all"),
    ],
)
def test_a_policy_that_cannot_decide_is_refused(rules: str, message: str) -> None:
    file = parse("policy.yaml", f'version: "1"\nrules: {rules}', PolicyFile)
    with pytest.raises(DataError, match=message):
        LightPolicy(file)


# A policy of one's own


def own(when: str, folder: Path) -> LightPolicy:
    return LightPolicy.load(policy_file(folder, when))


LEAVING = Found(confidence=0.9, evidence=EVIDENCE)
HASSLED = Perception(label=PerceptionLabel.HASSLE, intensity=3, confidence=0.9, evidence=EVIDENCE)


@pytest.mark.parametrize(
    ("when", "given", "red"),
    [
        ("{channel: [social, review]}", Labels(channel=Channel.SOCIAL), True),
        ("{channel: [social, review]}", Labels(channel=Channel.CALL), False),
        ("{customer_tier: [Gold]}", Labels(customer_tier="gold"), True),
        ("{customer_tier: [gold]}", Labels(customer_tier="GOLD"), True),
        ("{customer_tier: [gold]}", Labels(customer_tier="silver"), False),
        ("{customer_tier: [gold]}", Labels(), False),
        ("{churn: true}", Labels(churn=LEAVING), True),
        ("{churn: true}", Labels(), False),
        ("{churn: false}", Labels(), True),
        ("{churn: false}", Labels(churn=LEAVING), False),
        ("{perception: [hassle]}", Labels(perceptions=(HASSLED,)), True),
        ("{perception: [delight]}", Labels(perceptions=(HASSLED,)), False),
        ("{perception: [hassle]}", Labels(), False),
        ("{churn: true, channel: [chat]}", Labels(churn=LEAVING), False),
        ("{churn: true, channel: [chat]}", Labels(churn=LEAVING, channel=Channel.CHAT), True),
    ],
)
def test_conditions_of_a_policy_of_ones_own(
    when: str, given: Labels, red: bool, tmp_path: Path
) -> None:
    light = own(when, tmp_path).light(given)
    assert [one.code for one in light.reasons] == (["asked"] if red else ["rest"])


def test_what_makes_it_red_is_shown(tmp_path: Path) -> None:
    for when, labelled in (
        ("{churn: true}", Labels(churn=LEAVING)),
        ("{perception: [hassle]}", Labels(perceptions=(HASSLED,))),
    ):
        assert own(when, tmp_path).light(labelled).reasons[0].evidence == EVIDENCE


def test_tier_and_channel_are_read_from_the_feedback(enrich: Enrich, tmp_path: Path) -> None:
    policy = own("{customer_tier: [gold], channel: [call]}", tmp_path)
    enrichment = enrich("请问几点关门")
    assert light_of(enrichment, policy).colour == "grey"
    said = enrichment.feedback.model_copy(update={"attributes": {"customer_tier": "Gold"}})
    assert light_of(enrichment.model_copy(update={"feedback": said}), policy).colour == "red"


def test_two_policies_have_two_versions(tmp_path: Path) -> None:
    versions = {own(when, tmp_path).version for when in ("{churn: true}", "{churn: false}")}
    assert len(versions | {POLICY.version}) == 3


@pytest.mark.parametrize(
    ("when", "message"),
    [
        ("{sentiment: [angry]}", r"rules\.0 \(asked\)\.when\.sentiment\.0: Input should be"),
        ("{sentimant: [mixed]}", r"\(asked\)\.when\.sentimant: .*did you mean sentiment\?"),
        ("{weather: [rain]}", r"\(asked\)\.when\.weather: there is no such key; known: urgency"),
        ("{category: [legel]}", r"\(asked\)\.when\.category: no category 'legel'; .*mean legal\?"),
        ("{topic: [moon]}", r"\(asked\)\.when\.topic: no topic 'moon'; GET /v1/labels"),
        ("{customer_tier: [1]}", r"\.customer_tier\.0: Input should be a valid string"),
        ("{score_below: 7}", r"\(asked\)\.when\.score_below: Input should be less than"),
        ("{churn: [", "not YAML"),
    ],
)
def test_an_error_says_file_rule_field_and_what_to_do(
    when: str, message: str, tmp_path: Path
) -> None:
    with pytest.raises(DataError, match=message) as caught:
        own(when, tmp_path)
    assert str(caught.value).startswith(f"{tmp_path / 'own.yaml'}: ")


def test_a_missing_field_is_named(tmp_path: Path) -> None:
    path = tmp_path / "own.yaml"
    path.write_text("version: '1'\nrules: [{code: a, colour: red, zh: 甲, when: {}}]")
    with pytest.raises(DataError, match=r"rules\.0 \(a\)\.en: missing; add it"):
        LightPolicy.load(path)


@pytest.mark.parametrize("content", [None, b"\xff\xfe\x00"], ids=["no file", "no text"])
def test_a_policy_that_cannot_be_read_is_named(content: bytes | None, tmp_path: Path) -> None:
    path = tmp_path / "none.yaml"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(DataError, match=r"none\.yaml: cannot be read: .*; give the path"):
        LightPolicy.load(path)
