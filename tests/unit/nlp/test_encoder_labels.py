"""What the encoder's readings become: opinions beside words, sentiment and evidence."""

from dataclasses import replace

import numpy as np
import pytest

from heedful.common.contracts import Polarity
from heedful.nlp.encoder.reading import OpinionSpan
from heedful.nlp.encoder.tasks import OPINION_KINDS
from heedful.nlp.model_opinions import with_model_opinions
from heedful.nlp.opinions import Opinion
from heedful.nlp.sentiment import SIDELESS, judge
from heedful.nlp.text import prepare

from .readings import NOTHING

TEXT = prepare("宽带装好了，网页转圈打不开。师傅\u200b来了两趟")
POSITIVE, NEGATIVE = OPINION_KINDS.index("positive"), OPINION_KINDS.index("negative")
SPINS = OpinionSpan((8, 13), NEGATIVE, 0.9, ())
BLAMING = replace(NOTHING, sentiment=np.array([0.9, 0.06, 0.04], dtype=np.float32))


def test_an_opinion_of_the_encoder_counts_where_no_word_judges() -> None:
    reading = replace(NOTHING, opinions=(SPINS,))
    (found,) = with_model_opinions([], reading, TEXT)
    assert (found.start, found.end, found.clause) == (8, 13, 1)
    assert found.weight < 0


def test_words_are_believed_before_the_encoder() -> None:
    word = Opinion(8, 10, 1, 1.0)
    assert with_model_opinions([word], replace(NOTHING, opinions=(SPINS,)), TEXT) == [word]


@pytest.mark.parametrize(
    "span",
    [replace(SPINS, confidence=0.4), replace(SPINS, kind=OPINION_KINDS.index("neutral"))],
    ids=["unsure", "neutral"],
)
def test_an_unsure_or_neutral_opinion_does_not_count(span: OpinionSpan) -> None:
    assert with_model_opinions([], replace(NOTHING, opinions=(span,)), TEXT) == []


def test_without_a_reading_the_words_stay_alone() -> None:
    assert with_model_opinions([], None, TEXT) == []
    assert judge(TEXT, [], None) is None


def test_a_sure_encoder_judges_alone_and_quotes_the_clauses_of_its_opinions() -> None:
    praise = OpinionSpan((2, 4), POSITIVE, 0.9, ())
    reading = replace(BLAMING, opinions=(praise, SPINS, replace(SPINS, place=(10, 11))))
    found = judge(TEXT, [], reading)
    assert found is not None
    assert found.polarity is Polarity.NEGATIVE
    assert [span.text for span in found.evidence] == ["网页转圈打不开"]


def test_without_an_opinion_the_clause_is_quoted_that_it_looked_at() -> None:
    found = judge(TEXT, [], replace(BLAMING, focus=(0, 2)))
    assert found is not None
    assert [span.text for span in found.evidence] == ["宽带装好了"]


def test_of_a_question_the_encoder_says_only_which_way_it_leans() -> None:
    found = judge(TEXT, [], BLAMING, asks=True)
    assert found is not None
    assert found.polarity is Polarity.NEUTRAL
    assert found.score is not None
    assert -SIDELESS <= found.score < 0


@pytest.mark.parametrize(
    ("shares", "sign"), [((0.3, 0.1, 0.6), 1), ((0.6, 0.1, 0.3), -1), ((0.4, 0.3, 0.3), None)]
)
def test_an_unsure_encoder_leans_or_says_nothing(
    shares: tuple[float, ...], sign: int | None
) -> None:
    unsure = np.array(shares, dtype=np.float32)
    found = judge(TEXT, [], replace(BLAMING, sentiment=unsure))
    if sign is None:
        assert found is None
    else:
        assert found is not None
        assert found.score is not None
        assert found.polarity is Polarity.NEUTRAL
        assert found.score * sign > 0
