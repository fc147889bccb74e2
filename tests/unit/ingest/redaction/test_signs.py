"""No recogniser is passed over that would have found something."""

from hypothesis import given
from hypothesis import strategies as st

from heedful.ingest.redaction.finding import signs_of
from heedful.ingest.redaction.normal import normal_form
from heedful.ingest.redaction.recogniser import Recogniser
from heedful.ingest.redaction.recognisers import ALL
from tests.unit.ingest.personal.sentences import HELD, TUNE, sentences

from .words import TEXTS

SENTENCES = [one.text for part in (TUNE, HELD) for one in sentences(part)]


def passed_over(text: str) -> list[str]:
    """Patterns of those that find something though the text lacks their signs."""
    read = normal_form(text)
    held = signs_of(read)
    return [one.pattern.pattern for one in ALL if one.needs.value & ~held and finds(one, read)]


def finds(recogniser: Recogniser, read: str) -> bool:
    match = recogniser.pattern.search(read)
    while match is not None:
        if recogniser.judge(match) is not None:
            return True
        match = recogniser.pattern.search(read, match.start() + 1)
    return False


def test_every_sentence_has_the_signs_of_what_is_in_it() -> None:
    assert [text for text in SENTENCES if passed_over(text)] == []


@given(TEXTS | st.lists(st.sampled_from(SENTENCES), max_size=3).map("".join))
def test_every_text_has_the_signs_of_what_is_in_it(text: str) -> None:
    assert passed_over(text) == []
