"""A taxonomy of one's own: topics by words and by examples, and what is wrong with a file."""

from pathlib import Path

import pytest

from heedful.common.datafiles import DataError
from heedful.nlp.labels import catalogue
from heedful.nlp.pipeline import Pipeline
from heedful.nlp.policy import LightPolicy
from heedful.nlp.taxonomy_file import open_taxonomy

OWN = """
version: acme-1
likeness: 0.6
topics:
  - code: locker.fault
    zh: 智能柜故障
    en: Locker out of order
    description: The parcel locker does not open
    patterns: [柜门 ~6 打不开|弹不开]
    negative: [打不开|弹不开]
  - code: staff.tip
    zh: 小费
    en: Tips
    description: Tips that are asked for
    examples: [送个外卖还要我打赏, 师傅修完站着不走意思是要点辛苦费, 服务员一直暗示给小费]
"""
POLICY = """
version: p
rules:
  - {code: tips, colour: red, zh: 小费, en: Tips, when: {topic: [staff.tip]}}
  - {code: rest, colour: grey, zh: 其余, en: Rest, when: {}}
"""


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("taxonomy") / "own.yaml"
    path.write_text(OWN, encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def with_own(own: Path) -> Pipeline:
    return Pipeline.load(taxonomy=own)


def topics(pipeline: Pipeline, text: str) -> dict[str, str]:
    return {one.topic: str(one.polarity) for one in pipeline.analyse(text).aspects}


def test_words_find_a_topic_as_ever(with_own: Pipeline) -> None:
    assert topics(with_own, "柜门弹不开，取不出快递") == {"locker.fault": "negative"}


def test_what_means_the_same_is_found_in_other_words(with_own: Pipeline) -> None:
    assert "staff.tip" in topics(with_own, "外卖小哥问我要打赏，不给就不走")
    assert "staff.tip" not in topics(with_own, "房间很干净，早餐也不错")
    aspect = with_own.analyse("服务员暗示我给小费").aspects[-1]
    assert aspect.topic == "staff.tip"
    assert aspect.evidence[0].text in "服务员暗示我给小费"


def test_without_examples_nothing_is_found_by_meaning(pipeline: Pipeline) -> None:
    assert "staff.tip" not in topics(pipeline, "服务员暗示我给小费")


def test_the_version_and_the_catalogue_are_of_the_file(with_own: Pipeline) -> None:
    assert with_own.versions.taxonomy.startswith("acme-1+")
    listed = catalogue(with_own.policy, with_own.taxonomy)
    assert [one["code"] for one in listed if one["kind"] == "topic"] == [
        "locker.fault",
        "staff.tip",
    ]


def test_a_policy_may_ask_for_its_topics_and_no_others(own: Path, tmp_path: Path) -> None:
    policy = tmp_path / "policy.yaml"
    policy.write_text(POLICY, encoding="utf-8")
    assert LightPolicy.load(policy, open_taxonomy(own)).rules[0].code == "tips"
    with pytest.raises(DataError, match=r"no topic 'staff\.tip'"):
        LightPolicy.load(policy)


@pytest.mark.parametrize(
    ("topic", "message"),
    [
        ("{code: a, zh: 甲, en: A, description: d}", r"topics\.0 \(a\): .*give patterns"),
        ("{code: a, zh: 甲, en: A, examples: [x]}", r"topics\.0 \(a\)\.description: missing"),
        ("{code: a, zh: 甲, en: A, description: d, exampels: [x]}", "did you mean examples"),
        ("{code: a, zh: 甲, en: A, description: d, examples: ['']}", r"examples\.0: .*at least 1"),
    ],
)
def test_an_error_says_file_topic_and_field(topic: str, message: str, tmp_path: Path) -> None:
    path = tmp_path / "own.yaml"
    path.write_text(f"version: '1'\ntopics: [{topic}]", encoding="utf-8")
    with pytest.raises(DataError, match=message) as caught:
        open_taxonomy(path)
    assert str(caught.value).startswith(f"{path}: ")


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"none\.yaml: cannot be read"):
        open_taxonomy(tmp_path / "none.yaml")
