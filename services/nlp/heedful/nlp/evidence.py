"""The customer's own words behind what the encoder found."""

from typing import Final

from heedful.common.contracts import Span
from heedful.nlp.encoder.focus import Place
from heedful.nlp.text import Clause, Text

_MAX_SPAN: Final = 80


def clause_span(text: Text, clause: Clause) -> Span:
    """A clause as evidence, without the blanks around it and not longer than a line."""
    words = text.normal[clause.start : clause.end]
    start = clause.start + len(words) - len(words.lstrip())
    end = clause.start + len(words.rstrip())
    return text.span(start, min(end, start + _MAX_SPAN))


def words_at(text: Text, focus: Place) -> Span:
    """The clause where the encoder looked; in a text without one, or in one too long to be shown,
    the very place."""
    if not text.clauses:
        return text.span(*focus)
    clause = text.clauses[text.clause_at(focus[0])]
    if focus[0] - clause.start > _MAX_SPAN:
        return text.span(*focus)
    return clause_span(text, clause)
