"""Urgencies as customers word them, and what only looks like one, by category."""

import pytest

from heedful.nlp.pipeline import Pipeline
from tests.unit.nlp.urgency_texts import conduct, contact, misuse, safety

TEXTS = (conduct, contact, misuse, safety)
Listed = list[tuple[str, str]]


def listed(texts: dict[str, list[str]]) -> Listed:
    return [(category, text) for category, found in texts.items() for text in found]


FOUND: Listed = [one for module in TEXTS for one in listed(module.FOUND)]
LOOKS_ALIKE: Listed = [one for module in TEXTS for one in listed(module.LOOKS_ALIKE)]


@pytest.mark.parametrize(("category", "text"), FOUND)
def test_is_found_however_it_is_said(rules: Pipeline, category: str, text: str) -> None:
    urgency = rules.analyse(text).urgency
    assert urgency is not None
    assert category in urgency.categories
    assert all(span.text in text for span in urgency.evidence)


@pytest.mark.parametrize(("category", "text"), LOOKS_ALIKE)
def test_is_not_taken_for_what_looks_alike(rules: Pipeline, category: str, text: str) -> None:
    urgency = rules.analyse(text).urgency
    assert urgency is None or category not in urgency.categories
