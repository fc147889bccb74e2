"""The whole way from feedback to enrichment."""

from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heedful.common.contracts import Enrichment, Feedback, Score, ScoreKind, Span
from heedful.nlp.backend import BackendError
from heedful.nlp.identity import enrichment_id
from heedful.nlp.labels import catalogue
from heedful.nlp.pipeline import Pipeline
from heedful.nlp.policy import light_of

from .conftest import NOW, Enrich

LIGHTS = [
    ("车在高速上突然熄火了，麻烦安排检查", "red"),
    ("我母亲的紧急呼叫器显示没信号，请派人看一下", "red"),
    ("退款一周了还没到账，打了三次电话都没人处理", "red"),
    ("信号太差了，我要携号转网", "red"),
    ("宝宝吃了米粉之后上吐下泻，请问要不要停用", "red"),
    ("上菜有点慢，味道一般", "amber"),
    ("套餐太贵，网速还慢", "amber"),
    ("The waiter was rude and the food was cold.", "amber"),
    ("师傅很专业，宽带很快就修好了，谢谢", "green"),
    ("味道很好，推荐", "green"),
    ("Great service, very friendly staff!", "green"),
    ("请问你们几点关门？", "grey"),
    ("67890", "grey"),
    ("Привет", "grey"),
]

WORDS = st.lists(
    st.sampled_from(
        [
            "味道",
            "不",
            "好吃",
            "刹车",
            "失灵",
            "，",
            "。",
            "没有",
            "受伤",
            "退款",
            "孩子",
            "烫到",
            "呵呵",
            "the food",
            " was ",
            "not ",
            "good",
            "但是",
            "\u200b",
            "Ａ",
            "繁體",
            "打了",
            "我要携号转网",
            "太失望了",
            "好害怕",
            "气死我了！！",
            "味道",
            "\r\n",
            "😡",
            "👨‍👩‍👧",
            "𠮷",
            "三",
            "次",
            " ",
            "\n",
            "?",
        ]
    ),
    max_size=25,
).map("".join)
ANY = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=80)
TEXTS = (WORDS | ANY).filter(bool)


def spans(enrichment: Enrichment) -> list[Span]:
    labelled = [
        enrichment.sentiment,
        enrichment.urgency,
        enrichment.intent,
        *enrichment.emotions,
        enrichment.effort,
        enrichment.need,
        enrichment.churn,
        enrichment.solicited,
        *enrichment.perceptions,
        *enrichment.aspects,
        *enrichment.light.reasons,
    ]
    found = [span for one in labelled if one is not None for span in one.evidence]
    found += [one.opinion for one in enrichment.opinions]
    return found + [one.aspect for one in enrichment.opinions if one.aspect is not None]


@pytest.mark.parametrize(("text", "colour"), LIGHTS)
def test_light(enrich: Enrich, text: str, colour: str) -> None:
    assert enrich(text).light.colour == colour


@given(TEXTS)
def test_every_span_quotes_the_text(enrich: Enrich, text: str) -> None:
    enrichment = enrich(text)
    for span in spans(enrichment):
        assert enrichment.feedback.text[span.start : span.end] == span.text
        assert span.text


@given(TEXTS)
def test_no_label_without_evidence(enrich: Enrich, text: str) -> None:
    enrichment = enrich(text)
    labelled = (
        enrichment.sentiment,
        enrichment.urgency,
        enrichment.intent,
        *enrichment.emotions,
        *enrichment.aspects,
    )
    assert all(one.evidence for one in labelled if one is not None)


@given(TEXTS, TEXTS)
def test_a_result_does_not_depend_on_what_came_before(
    enrich: Enrich, text: str, other: str
) -> None:
    first = enrich(text)
    enrich(other)
    assert enrich(text) == first


@given(TEXTS)
def test_an_enrichment_survives_its_contract(enrich: Enrich, text: str) -> None:
    enrichment = enrich(text)
    assert Enrichment.parse(enrichment.encode()) == enrichment


@given(TEXTS)
def test_a_stored_enrichment_has_the_light_it_was_published_with(
    pipeline: Pipeline, enrich: Enrich, text: str
) -> None:
    enrichment = enrich(text)
    stored = Enrichment.parse(enrichment.encode())
    assert light_of(stored, pipeline.policy) == enrichment.light


def test_threads_give_what_one_gives(enrich: Enrich) -> None:
    texts = [text for text, _ in LIGHTS] * 20
    alone = [enrich(text) for text in texts]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(enrich, texts)) == alone


def test_a_long_text_is_bounded(enrich: Enrich) -> None:
    """What is said of it does not grow with it."""
    text = "刹车踩下去没有反应，" * 1000
    enrichment = enrich(text)
    assert len(enrichment.encode()) - len(text.encode()) < 20_000
    assert enrichment.light.colour == "red"


def test_backfill_does_not_alter_the_light(enrich: Enrich) -> None:
    text = "车在高速上突然熄火"
    assert enrich(text, backfill=True).light == enrich(text).light


def test_a_low_score_is_seen(enrich: Enrich) -> None:
    low = Score(kind=ScoreKind.STARS, value=1, minimum=1, maximum=5)
    light = enrich("67890", low).light
    assert light.colour == "amber"
    assert [reason.code for reason in light.reasons] == ["low_score"]


def test_full_marks_calm_a_softer_matter_and_no_emergency(enrich: Enrich) -> None:
    full = Score(kind=ScoreKind.CSAT, value=5, minimum=1, maximum=5)
    lost = "女儿在店里走丢了，广播了两遍还没找到"
    assert enrich(lost).light.colour == "red"
    assert enrich(lost, full).light.colour == "amber"
    assert enrich("厨房有煤气味，别的都满意", full).light.colour == "red"


def test_the_id_names_feedback_and_versions(pipeline: Pipeline, enrich: Enrich) -> None:
    enrichment = enrich("味道很好")
    assert UUID(enrichment.id).version == 5
    feedback: Feedback = enrichment.feedback
    assert enrichment.id == enrichment_id(feedback, pipeline.versions)
    changed = {
        enrichment_id(feedback.model_copy(update={key: "other"}), pipeline.versions)
        for key in ("tenant", "source", "id")
    } | {
        enrichment_id(feedback, pipeline.versions.model_copy(update={key: "other"}))
        for key in ("model", "lexicon", "rules", "taxonomy", "policy")
    }
    assert len(changed) == 8
    assert enrichment.id not in changed


def test_an_id_has_no_ambiguous_parts(pipeline: Pipeline, enrich: Enrich) -> None:
    feedback = enrich("x").feedback
    one = feedback.model_copy(update={"source": "a,b", "id": "c"})
    other = feedback.model_copy(update={"source": "a", "id": "b,c"})
    assert enrichment_id(one, pipeline.versions) != enrichment_id(other, pipeline.versions)


def test_time_is_passed_in(enrich: Enrich) -> None:
    assert enrich("x").enriched_at == NOW


def test_an_unknown_backend_is_refused() -> None:
    with pytest.raises(ValueError, match="onnx, torch"):
        Pipeline.load("tensorflow")


def test_a_missing_torch_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "torch", None)
    monkeypatch.delitem(sys.modules, "heedful.nlp.backend.torch", raising=False)
    with pytest.raises(BackendError, match="nlp-torch"):
        Pipeline.load("torch")


def test_the_catalogue_names_every_label_in_two_languages(pipeline: Pipeline) -> None:
    labels = catalogue(pipeline.policy, pipeline.taxonomy)
    assert all(set(one) == {"kind", "code", "zh", "en", "version"} for one in labels)
    assert all(all(one.values()) for one in labels)
    assert len({(one["kind"], one["code"]) for one in labels}) == len(labels)
    assert {one["kind"] for one in labels} == {
        "sentiment",
        "emotion",
        "urgency_level",
        "light",
        "urgency",
        "intent",
        "perception",
        "need",
        "statement",
        "topic",
        "reason",
    }
    by_kind = {one["kind"]: one["version"] for one in labels}
    assert by_kind["topic"] == pipeline.versions.taxonomy
    assert by_kind["reason"] == pipeline.versions.policy
    assert by_kind["urgency"] == pipeline.versions.rules
