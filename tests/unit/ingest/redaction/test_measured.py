"""The rules stay about as good as docs/privacy.md says."""

import pytest

from tests.unit.ingest.personal.measure import measure, untouched
from tests.unit.ingest.personal.sentences import HELD, TUNE, sentences

LEAST_SENTENCES = 1000
# A little below what was measured (precision, recall); what is not named is at 1.
FLOORS = {"phone": (0.98, 0.98), "wechat": (0.96, 0.90), "name": (0.97, 0.97), "all": (0.99, 0.99)}
BELOW_ONE = (0.97, 0.97)
UNTOUCHED = 0.99


@pytest.mark.parametrize("part", [TUNE, HELD])
def test_precision_and_recall_of_every_type_stay(part: str) -> None:
    made = sentences(part)
    assert len(made) >= LEAST_SENTENCES
    for one in measure(made):
        precision, recall = FLOORS.get(one.type, BELOW_ONE)
        assert one.precision.value >= precision, one
        assert one.recall.value >= recall, one
    assert untouched(made).value >= UNTOUCHED


def test_the_parts_share_no_wording_and_no_sentence() -> None:
    tuned, held = ({one.text for one in sentences(part)} for part in (TUNE, HELD))
    assert not tuned & held


def test_as_many_sentences_are_impersonal() -> None:
    for part in (TUNE, HELD):
        made = sentences(part)
        impersonal = sum(not one.spans for one in made)
        assert impersonal >= 0.5 * len(made)


def test_spans_are_of_what_they_say() -> None:
    for one in sentences(HELD):
        for span in one.spans:
            value = one.text[span.start : span.end]
            assert value == value.strip() != ""
