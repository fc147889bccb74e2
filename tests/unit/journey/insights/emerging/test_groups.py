"""What no topic names: groups of texts in the report."""

from dataclasses import replace

import numpy as np

from heedful.journey.insights.emerging.clusters import MOST
from heedful.journey.insights.emerging.insight import INSIGHT, EmergingParameters, texts
from heedful.journey.insights.facts import Facts, Texts
from heedful.journey.insights.report import Estimate
from heedful.journey.insights.selecting import only
from tests.unit.journey.insights.facts_of import Event, facts_of

WEEKS, A_WEEK = 12, 40
SINCE = 20000.0
UNTIL = SINCE + 7 * WEEKS
OLD = ("快递太慢了等了三天", "客服态度很好点赞")
NEW = "充电口发烫闻到焦味"


def told(new: int) -> Facts:
    """Two old subjects all along; in the last week something new is said so often. All of it is
    called `other`."""
    generator = np.random.default_rng(3)
    centres = generator.normal(size=(3, 64)) / 8 + 0.3
    subjects = [n % 2 for n in range(WEEKS * A_WEEK)] + [2] * new
    at = [SINCE + n * 7 / A_WEEK for n in range(WEEKS * A_WEEK)] + [UNTIL - 1.0] * new
    facts = facts_of(
        [Event(f"c{n}", when, topics=["other"]) for n, when in enumerate(at)], SINCE, UNTIL
    )
    subject = np.array([subjects[int(name[1:])] for name in facts.customers])[facts.customer]
    vectors = centres[subject] + 0.04 * generator.normal(size=(len(subject), 64))
    words = tuple((*OLD, NEW)[one] for one in subject)
    events = np.arange(len(subject), dtype=np.int32)
    return replace(facts, texts=Texts(events, words, vectors.astype(np.float32)))


def test_a_group_has_a_name_a_share_and_customers() -> None:
    report = INSIGHT.compute(told(20), EmergingParameters())
    (group,) = [row for row in report.rows if row.cells["kind"] == "group"]
    assert any(word in str(group.cells["topic"]) for word in ("充电口", "发烫", "焦味"))
    share = group.cells["recent_share"]
    assert isinstance(share, Estimate)
    assert share.value == 20 / 180
    assert (group.cells["recent"], group.customers, group.grey) == (20, 20, False)
    assert len(group.examples) == 3
    assert report.figures["texts_compared"] == 180
    assert report.rows[0] is group


def test_nothing_new_is_no_group() -> None:
    report = INSIGHT.compute(told(0), EmergingParameters())
    assert [row.cells["kind"] for row in report.rows] == ["topic"]
    assert report.figures["texts_far"] < 0.15  # type: ignore[operator]


def test_without_embeddings_topics_are_told_alone() -> None:
    facts = told(20)
    assert facts.texts is not None
    none = Texts(facts.texts.events[:0], (), facts.texts.vectors[:0])
    for given in (replace(facts, texts=None), replace(facts, texts=none)):
        report = INSIGHT.compute(given, EmergingParameters())
        assert report.figures == {"recent_weeks": 4}
        assert [row.cells["kind"] for row in report.rows] == ["topic"]


def test_so_many_texts_are_wanted_as_are_compared() -> None:
    """Of what customers said, before and since."""
    recent = [Event(f"c{n}", UNTIL - 1) for n in range(5)]
    others = [Event("c", SINCE + 1, channel="employee"), Event("c", SINCE + 1, feedback=False)]
    earlier = [Event(f"c{n}", SINCE + 1) for n in range(MOST + 100)]
    facts = facts_of([*earlier, *recent, *others], SINCE, UNTIL)
    events = texts(facts, EmergingParameters())
    assert len(events) == MOST + 5
    assert facts.voiced[events].all()
    assert (facts.at[events] > UNTIL - 2).sum() == 5
    assert (np.diff(events) > 0).all()


def test_texts_are_not_of_other_events() -> None:
    facts = told(20)
    assert only(facts, facts.at > UNTIL - 2).texts is None
