"""What is said about what: the opinions of a text, each with what it judges and its topic.

Words of the lexicon and spans of the encoder that share a character are one opinion: the span is
the encoder's, and so is the polarity unless the words are mocking. (On the dev part of the triplets
it is right in 319 of 352 disputes.) Mild words are opinions only where the encoder has not read. A
mention that judges by itself ("漏汤") is an opinion where no other is.

What is judged is what the encoder paired with the opinion; else the keyword that a phrase of the
lexicon begins with ("态度" of "态度很差"); else the nearest keyword of a topic in the clause. An
opinion whose own words name its topic ("好吃") needs none. Where the clause mentions nothing, the
topic is the one that its sentence spoke of last.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from heedful.common.contracts import Opinion, Polarity
from heedful.nlp import opinions as lexicon
from heedful.nlp.encoder.focus import Place
from heedful.nlp.encoder.reading import Reading
from heedful.nlp.encoder.tasks import OPINION_KINDS
from heedful.nlp.keywords import Keywords
from heedful.nlp.opinion_words import PLAIN, STRONG
from heedful.nlp.opinions import NEGATED
from heedful.nlp.taxonomy import Mention
from heedful.nlp.text import Text

MAX_OPINIONS: Final = 64
"""Of more, the surest are kept."""

# A span that shares a character with an opinion word, and one that stands alone. The encoder
# learned opinions in restaurants; elsewhere a span of which it is less sure is noise.
_SURE: Final = 0.5
_SURE_ALONE: Final = 0.75
# How often words of such weights have the sign of an annotated opinion that they touch there.
_BY_WORDS: Final = ((STRONG, 0.9), (PLAIN * NEGATED, 0.75), (0.0, 0.6))
_LUKEWARM: Final = 0.6
_DISPUTED: Final = 0.7
_MENTIONED: Final = 0.7
_MOST: Final = 0.99
_KINDS: Final = {
    "positive": Polarity.POSITIVE,
    "negative": Polarity.NEGATIVE,
    "neutral": Polarity.NEUTRAL,
}


@dataclass(frozen=True, slots=True)
class _Said:
    """An opinion at its place in the normal form."""

    start: int
    end: int
    polarity: Polarity
    confidence: float
    aspects: tuple[Place, ...] = ()


def opinions_of(
    text: Text,
    words: Sequence[lexicon.Opinion],
    reading: Reading | None,
    mentions: Sequence[Mention],
) -> tuple[Opinion, ...]:
    """The opinions of a text in its order; offsets are of the text as it was said.

    Args:
        text: the text.
        words: the opinion words of the lexicon.
        reading: what the encoder says of the text; None where it has not read it.
        mentions: the topics that the text speaks of.
    """
    if not text.clauses:
        return ()
    spans = _of_encoder(reading, text)
    spoken = [one for one in words if one.weight or not one.courtesy]
    least = 0.0 if reading is None else PLAIN * NEGATED
    alone = _of_words(one for one in spoken if abs(one.weight) >= least)
    said = list(_merged(text, spans, spoken))
    said += _beside(alone, said)
    said += _beside(_of_mentions(mentions), said)
    surest = sorted(said, key=lambda one: -one.confidence)[:MAX_OPINIONS]
    ordered = sorted(surest, key=lambda one: (one.start, one.end))
    keywords = Keywords(text, mentions)
    found = [opinion for one in ordered for opinion in _opinions(one, text, keywords)]
    return tuple(found[:MAX_OPINIONS])


def _of_encoder(reading: Reading | None, text: Text) -> list[_Said]:
    """Its spans, each cut where a clause ends; what is judged belongs to the first part."""
    found = []
    for one in () if reading is None else reading.opinions:
        aspects = one.aspects
        for start, end in _in_clauses(one.place, text):
            polarity = _KINDS[OPINION_KINDS[one.kind]]
            found.append(_Said(start, end, polarity, one.confidence, aspects))
            aspects = ()
    return found


def _in_clauses(place: Place, text: Text) -> Iterator[Place]:
    """The parts of a place in each clause, without blanks and marks around them."""
    start, end = place
    for clause in text.clauses[text.clause_at(start) : text.clause_at(end - 1) + 1]:
        first, last = max(start, clause.start), min(end, clause.end)
        while first < last and not text.normal[first].isalnum():
            first += 1
        while first < last and not text.normal[last - 1].isalnum():
            last -= 1
        if first < last:
            yield first, last


def _of_words(words: Iterable[lexicon.Opinion]) -> Iterator[_Said]:
    for one in words:
        yield _Said(one.start, one.end, _polarity(one.weight), _confidence(one.weight))


def _of_mentions(mentions: Sequence[Mention]) -> Iterator[_Said]:
    for one in mentions:
        if one.weight:
            yield _Said(one.match.start, one.match.end, _polarity(one.weight), _MENTIONED)


def _polarity(weight: float) -> Polarity:
    if not weight:
        return Polarity.NEUTRAL
    return Polarity.POSITIVE if weight > 0 else Polarity.NEGATIVE


def _confidence(weight: float) -> float:
    if not weight:
        return _LUKEWARM
    return next(share for least, share in _BY_WORDS if abs(weight) >= least)


def _merged(
    text: Text, spans: Sequence[_Said], words: Sequence[lexicon.Opinion]
) -> Iterator[_Said]:
    """The spans that are sure enough, each with the words that share a character with it."""
    ordered = sorted(words, key=lambda one: one.start)
    starts = [one.start for one in ordered]
    last = 0
    for number, span in enumerate(spans):
        first = bisect_left(starts, span.start)
        # Words do not overlap each other, so at most one reaches in from before.
        own = [
            one
            for one in ordered[max(0, first - 1) : bisect_left(starts, span.end)]
            if one.end > span.start
        ]
        if span.confidence >= (_SURE if own else _SURE_ALONE):
            following = spans[number + 1].start if number + 1 < len(spans) else len(text.normal)
            found = _judged(_completed(span, own, last, following), own) if own else span
            last = found.end
            yield found


def _completed(span: _Said, words: Sequence[lexicon.Opinion], earliest: int, latest: int) -> _Said:
    """A span with the words that it cuts, as far as they are not its aspects or of others."""
    floor = max([earliest, *(end for _, end in span.aspects if end <= span.start)])
    ceiling = min([latest, *(start for start, _ in span.aspects if start >= span.end)])
    start, end = min(one.start for one in words), max(one.end for one in words)
    return replace(
        span,
        start=min(span.start, max(start, floor)),
        end=max(span.end, min(end, ceiling)),
    )


def _judged(span: _Said, words: Sequence[lexicon.Opinion]) -> _Said:
    total = sum(one.weight for one in words)
    polarity = _polarity(total)
    if polarity is span.polarity:
        both = 1 - (1 - span.confidence) * (1 - _confidence(total))
        return replace(span, confidence=min(both, _MOST))
    mocked = any(one.ironic for one in words)
    return replace(
        span,
        polarity=polarity if mocked else span.polarity,
        confidence=min(span.confidence, _DISPUTED),
    )


def _beside(candidates: Iterable[_Said], known: Sequence[_Said]) -> list[_Said]:
    """The candidates that share no character with a known one or with one before them."""
    taken = _disjoint((one.start, one.end) for one in known)
    starts = [start for start, _ in taken]
    kept = []
    last = 0
    for one in sorted(candidates, key=lambda one: (one.start, -one.end)):
        before = bisect_left(starts, one.end) - 1
        if one.start >= last and (before < 0 or taken[before][1] <= one.start):
            kept.append(one)
            last = one.end
    return kept


def _disjoint(places: Iterable[Place]) -> list[Place]:
    joined: list[Place] = []
    for start, end in sorted(places):
        if joined and start < joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end))
        else:
            joined.append((start, end))
    return joined


def _opinions(said: _Said, text: Text, keywords: Keywords) -> Iterator[Opinion]:
    first = None if said.aspects else keywords.before((said.start, said.end))
    if first is not None:
        said = replace(said, start=first.match.end, aspects=(first.match.parts[0],))
    for aspect, topic in _about(said, keywords):
        yield Opinion(
            opinion=text.span(said.start, said.end),
            aspect=None if aspect is None else text.span(*aspect),
            polarity=said.polarity,
            topic=topic,
            confidence=round(said.confidence, 4),
        )


def _about(said: _Said, keywords: Keywords) -> list[tuple[Place | None, str | None]]:
    """What the opinion judges, and its topic; more than one where the encoder paired more."""
    place = (said.start, said.end)
    own = keywords.of(place)
    if said.aspects:
        named = dict(_whole(one, keywords.of(one, judging=False)) for one in said.aspects)
        rest = None if own is None else own.topic
        return [(aspect, topic or rest) for aspect, topic in named.items()]
    if own is not None:
        beside = keywords.nearest(place, own.topic)
        return [(None if beside is None else beside.match.parts[0], own.topic)]
    beside = keywords.nearest(place)
    if beside is not None:
        return [(beside.match.parts[0], beside.topic)]
    before = keywords.last(said.start)
    return [(None, None if before is None else before.topic)]


def _whole(aspect: Place, mention: Mention | None) -> tuple[Place, str | None]:
    """An aspect with its topic; one that begins or ends inside a keyword is the keyword."""
    if mention is None:
        return aspect, None
    holding = [
        part for part in mention.match.parts if part[0] <= aspect[0] and aspect[1] <= part[1]
    ]
    return (holding[0] if holding else aspect), mention.topic
