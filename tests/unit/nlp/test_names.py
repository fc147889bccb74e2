"""Names and addresses of people are masked where something says that they are; nothing else is."""

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heedful.common.contracts import Redaction, RedactionMode, Replacement
from heedful.common.contracts.feedback import MAX_TEXT_CHARS
from heedful.common.replacements import in_original
from heedful.nlp.encoder.reading import NameSpan
from heedful.nlp.encoder.tasks import NAME_KINDS
from heedful.nlp.names import mask
from heedful.nlp.pipeline import Pipeline
from heedful.nlp.text import normalise, prepare

from .conftest import NOW, Enrich
from .readings import NOTHING


def masked(original: str, *found: tuple[str, str, float]) -> str:
    """With what the encoder finds: words, kind and confidence."""
    text = prepare(original)
    spans = []
    for words, kind, confidence in found:
        start = text.normal.index(normalise(words)[0])
        place = (start, start + len(normalise(words)[0]))
        spans.append(NameSpan(place, NAME_KINDS.index(kind), confidence))
    return mask(text, replace(NOTHING, names=tuple(spans))).text


@pytest.mark.parametrize(
    ("text", "words", "confidence", "expected"),
    [
        ("我叫甄有才，修车的事", "甄有才", 0.6, "我叫<name>，修车的事"),
        ("联系人：甄有才，下午来", "甄有才", 0.6, "联系人：<name>，下午来"),
        ("我姓裴，又断了", "裴", 0.6, "我姓<name>，又断了"),
        ("请书面回复。甄有才", "甄有才", 0.7, "请书面回复。<name>"),
        ("請書面回覆。\n甄有纔\n", "甄有纔", 0.7, "請書面回覆。\n<name>\n"),
        ("是甄有才帮我修好的", "甄有才", 0.97, "是<name>帮我修好的"),
        ("我叫甄\u200b有才", "甄有才", 0.9, "我叫<name>"),
        ("我叫甄有才，甄有才的号", "甄有才", 0.9, "我叫<name>，<name>的号"),
    ],
)
def test_a_name_of_a_person_is_masked(
    text: str, words: str, confidence: float, expected: str
) -> None:
    assert masked(text, (words, "name", confidence)) == expected


@pytest.mark.parametrize(
    ("text", "words", "confidence"),
    [
        ("是甄有才帮我修好的", "甄有才", 0.9),
        ("小秦接待很耐心", "小秦", 0.99),
        ("祁大爷自己缴的费", "祁大爷", 0.99),
        ("罗师傅手艺好", "罗", 0.99),
        ("换了康佳以后", "康佳", 0.95),
        ("我叫甄有才来的", "甄有才", 0.4),
        ("谢贵公司肯讲真话", "谢贵", 0.7),
    ],
)
def test_what_may_be_no_name_stays(text: str, words: str, confidence: float) -> None:
    assert masked(text, (words, "name", confidence)) == text


@pytest.mark.parametrize(
    ("text", "words", "expected"),
    [
        ("下单填了江东区万春里六栋三单元。", "江东区万春里", "下单填了<address>。"),
        ("送到梧桐苑3号楼12层1204室，谢谢", "梧桐苑", "送到<address>，谢谢"),
        ("我家住在老纺织厂宿舍那边", "老纺织厂宿舍", "我家住在<address>那边"),
        ("地址：朝阳路８８号", "朝阳路", "地址：<address>"),
    ],
)
def test_an_address_is_masked_with_its_house_and_room(text: str, words: str, expected: str) -> None:
    assert masked(text, (words, "address", 0.7)) == expected


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("城北新区没有信号", "城北新区"),
        ("送到文澜路店", "文澜路"),
        ("住在东岸酒店隔音差", "东岸"),
        ("文澜路88号店服务好", "文澜路"),
        ("狮山充电站3号枪坏了", "狮山"),
        ("广台高速往南", "广台高速"),
        ("送到市医院3号楼", "市医院"),
        ("住在滨湖新城旁边很方便", "滨湖新城"),
        ("前台在东江大厦的6层", "东江大厦"),
    ],
)
def test_a_place_of_business_or_a_district_stays(text: str, words: str) -> None:
    assert masked(text, (words, "address", 0.9)) == text


def test_without_a_reading_nothing_is_masked() -> None:
    assert mask(prepare("My name is Zhen"), None).text == "My name is Zhen"


def test_a_text_never_becomes_longer_than_the_contract_allows() -> None:
    text = "我姓裴。" * (MAX_TEXT_CHARS // 4)
    spans = tuple(NameSpan((at + 2, at + 3), 0, 0.9) for at in range(0, len(text), 4))
    assert len(mask(prepare(text), replace(NOTHING, names=spans)).text) == MAX_TEXT_CHARS


@given(
    st.text("我叫姓甄有才住在地址路8号栋。，\n \u200bＡ😀", min_size=1, max_size=40),
    st.lists(st.tuples(st.integers(0, 39), st.integers(1, 6), st.integers(0, 1)), max_size=4),
)
def test_what_is_not_masked_stays_as_it_was(text: str, drawn: list[tuple[int, int, int]]) -> None:
    prepared = prepare(text)
    size = len(prepared.normal)
    spans = [NameSpan((a, min(a + n, size)), kind, 0.99) for a, n, kind in drawn if a < size]
    found = mask(prepared, replace(NOTHING, names=tuple(spans)))
    rest = iter(text)
    kept = found.text.replace("<name>", "").replace("<address>", "")
    assert all(char in rest for char in kept), "in order, and nothing invented"
    for one in found.replacements:
        assert found.text[one.at : one.until] == f"<{one.type}>"
        assert in_original(found.replacements, one.at, one.until) == (one.start, one.end)


SIGNED = "请在三天内书面回复。\n郑晓明"


def test_evidence_points_into_what_is_published(enrich: Enrich) -> None:
    """Whether or not this model finds the name."""
    enrichment = enrich(f"我叫郑晓明，师傅态度很差，气死我了。{SIGNED}")
    text = enrichment.feedback.text
    assert enrichment.sentiment is not None
    quoted = [*enrichment.sentiment.evidence]
    quoted += [span for one in enrichment.aspects for span in one.evidence]
    quoted += [span for one in enrichment.emotions for span in one.evidence]
    assert all(text[span.start : span.end] == span.text for span in quoted)


def test_masking_what_was_masked_changes_nothing(enrich: Enrich, pipeline: Pipeline) -> None:
    first = enrich(f"我叫郑晓明，师傅态度很差。{SIGNED}")
    again = pipeline.enrich(first.feedback, NOW)
    assert again == first


def test_places_lead_through_both_redactions(enrich: Enrich, pipeline: Pipeline) -> None:
    """Ingest took a number, nlp takes a name before it: each is found in what was said."""
    said = "请在三天内书面回复，电话13900001234。\n我叫郑晓明"
    text = said.replace("13900001234", "<phone>")
    at = text.index("<phone>")
    phone = Replacement(type="phone", start=at, end=at + 11, at=at, until=at + 7)
    redaction = Redaction(
        mode=RedactionMode.MASK, version="1", counts={"phone": 1}, offsets=(phone,)
    )
    feedback = enrich("x").feedback.model_copy(update={"text": text, "redaction": redaction})
    published = pipeline.enrich(feedback, NOW).feedback
    assert published.text == text.replace("郑晓明", "<name>")
    assert published.redaction is not None
    assert published.redaction.counts == {"name": 1, "phone": 1}
    quoted = [said[one.start : one.end] for one in published.redaction.offsets]
    assert quoted == ["13900001234", "郑晓明"]


@pytest.mark.parametrize("token", ["<phone_3>", "<phone:9f3a2c1b77d0>"])
def test_however_numbers_were_replaced_the_labels_are_the_same(enrich: Enrich, token: str) -> None:
    masked, other = (enrich(f"请打{one}，刹车突然失灵，等了两个小时") for one in ("<phone>", token))
    assert other.light.colour == masked.light.colour
    assert other.urgency is not None
    assert masked.urgency is not None
    assert other.urgency.confidence == masked.urgency.confidence
    for span in other.urgency.evidence:
        assert other.feedback.text[span.start : span.end] == span.text


def test_it_can_be_turned_off(enrich: Enrich) -> None:
    feedback = enrich("x").feedback.model_copy(update={"text": SIGNED})
    assert Pipeline.load(mask_names=False).enrich(feedback, NOW).feedback.text == SIGNED


def test_in_the_examples_no_brand_and_no_shop_is_masked(enrich: Enrich) -> None:
    folder = Path(__file__).parents[3] / "examples"
    files = sorted(folder.glob("*/feedback.jsonl"))
    texts = [json.loads(line)["text"] for path in files for line in path.open(encoding="utf-8")]
    kept = re.compile(r"云桥|禾田|[\u4e00-\u9fff]{2}店|营业厅|充电站")
    named = [text for text in texts if kept.search(text)]
    assert len(named) > 40
    for text in named:
        assert kept.findall(enrich(text).feedback.text) == kept.findall(text), text
