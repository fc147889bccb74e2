"""The keywords of the taxonomy in a text, by place: which one is here, beside, or before."""

from collections.abc import Sequence

from heedful.nlp.encoder.focus import Place
from heedful.nlp.taxonomy import Mention, gap
from heedful.nlp.text import Text


class Keywords:
    """The mentions of a text by clause."""

    def __init__(self, text: Text, mentions: Sequence[Mention]) -> None:
        self._text = text
        self._by_clause: dict[int, list[Mention]] = {}
        for one in mentions:
            self._by_clause.setdefault(text.clause_at(one.match.start), []).append(one)

    def of(self, place: Place, *, judging: bool = True) -> Mention | None:
        """The longest mention that shares a character with a place; `judging`: or one that says
        more than its topic."""
        start, end = place
        sharing = [
            one
            for one in self._by_clause.get(self._text.clause_at(start), ())
            if one.match.start < end and start < one.match.end and (judging or not one.weight)
        ]
        return max(sharing, key=lambda one: one.match.end - one.match.start, default=None)

    def before(self, place: Place) -> Mention | None:
        """The keyword that the words at a place begin with, if they say more."""
        start, end = place
        own = self._by_clause.get(self._text.clause_at(start), ())
        first = [one for one in own if not one.weight and one.match.parts[0][0] == start]
        return next((one for one in first if one.match.end < end), None)

    def nearest(self, place: Place, topic: str | None = None) -> Mention | None:
        """The nearest mention beside a place in its clause, if given of this topic."""
        start, end = place
        beside = [
            one
            for one in self._by_clause.get(self._text.clause_at(start), ())
            if (one.match.start >= end or one.match.end <= start) and topic in (None, one.topic)
        ]
        return min(beside, key=lambda one: gap(one.match, start, end), default=None)

    def last(self, start: int) -> Mention | None:
        """The last mention of the same sentence in the clauses before."""
        number = self._text.clause_at(start)
        sentence = self._text.clauses[number].sentence
        while number and self._text.clauses[number - 1].sentence == sentence:
            number -= 1
            if own := self._by_clause.get(number):
                return max(own, key=lambda one: one.match.start)
        return None
