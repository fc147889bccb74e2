"""What is talked about, and what is felt about each: aspects.

A topic is mentioned in a clause; the opinions of the clause belong to the nearest mention. A
clause that only judges ("... and it broke again") speaks of what its sentence mentioned before.
"""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import accumulate
from pathlib import Path
from typing import Final

from heedful.common.contracts import Aspect, Polarity
from heedful.common.datafiles import digest
from heedful.nlp.opinions import Opinion
from heedful.nlp.patterns import Match
from heedful.nlp.rules import Rule, Rules
from heedful.nlp.taxonomy_file import FILE, TaxonomyFile, open_taxonomy
from heedful.nlp.text import Text

_KINDS: Final = ("patterns", "negative", "positive")
_MAX_EVIDENCE: Final = 6
_JOINED: Final = 24
_BEHIND: Final = 3
_MIXED: Final = 0.4
_MENTIONED_ONLY: Final = 0.5
_LEAST: Final = 0.6
_PER_WEIGHT: Final = 0.12
_MOST: Final = 0.95


@dataclass(frozen=True, slots=True)
class Mention:
    """A topic is spoken of; the rule of the match is its number.

    `weight` is the judgement that the words carry by themselves: -1, 0 or 1.
    """

    match: Match
    topic: str
    weight: float


@dataclass
class _Voice:
    """What was said about one topic in one clause."""

    mentions: list[Match]
    praise: float = 0.0
    blame: float = 0.0
    places: list[tuple[int, int]] = field(default_factory=list)

    def add(self, weight: float, start: int, end: int) -> None:
        self.praise += max(weight, 0)
        self.blame += max(-weight, 0)
        nearest = self.nearest(start, end)
        first, last = min(nearest.start, start), max(nearest.end, end)
        # Words close together read better as one quotation.
        if last - first <= _JOINED:
            self.places.append((first, last))
        else:
            self.places.extend(((nearest.start, nearest.end), (start, end)))

    def nearest(self, start: int, end: int) -> Match:
        """The mention with the smallest gap to a place, of equal ones the first."""
        behind = bisect_left(self._starts, end)
        if behind and self._reach[behind - 1] > start:
            return self.mentions[bisect_right(self._reach, start)]
        candidates = self.mentions[behind : behind + 1]
        if behind:
            before = bisect_left(self._reach, self._reach[behind - 1])
            candidates = [self.mentions[before], *candidates]
        return min(candidates, key=lambda one: gap(one, start, end))

    @cached_property
    def _starts(self) -> list[int]:
        return [one.start for one in self.mentions]

    @cached_property
    def _reach(self) -> list[int]:
        """How far the mentions up to each one reach."""
        return list(accumulate((one.end for one in self.mentions), max))


class Taxonomy:
    """The topics, ready to be found."""

    def __init__(self, file: TaxonomyFile) -> None:
        self.file = file
        self.topics = file.topics
        self.version = f"{file.version}+{digest(file)}"
        # One pass for all three: mentions first, then those that blame, then those that praise.
        kinds = [[getattr(topic, kind) for topic in file.topics] for kind in _KINDS]
        self._rules = Rules(
            FILE,
            [
                Rule.model_construct(
                    # Already checked as a topic; only a topic must have a pattern.
                    code=f"{topic.code}:{kind}",
                    zh=topic.zh,
                    en=topic.en,
                    patterns=patterns,
                    exclude=topic.exclude,
                    unless=topic.unless,
                )
                for kind, column in zip(_KINDS, kinds, strict=True)
                for topic, patterns in zip(file.topics, column, strict=True)
            ],
        )

    @classmethod
    def load(cls, path: Path | None = None) -> "Taxonomy":
        """The taxonomy in this file; None: the one that the package ships.

        Raises:
            heedful.common.datafiles.DataError: the file is missing or wrong; it says what to mend.
        """
        return cls(open_taxonomy(path))

    def mentions(self, text: Text) -> list[Mention]:
        """Where topics are spoken of, those that judge nothing first."""
        return [self._mention(match) for match in self._rules.find(text)] if text.clauses else []

    def aspects(
        self, text: Text, opinions: Sequence[Opinion], found: Sequence[Mention]
    ) -> tuple[Aspect, ...]:
        """The aspects of a text in the order of the taxonomy, each with evidence.

        Args:
            text: the text.
            opinions: its opinions in order.
            found: its mentions.
        """
        if not found:
            return ()
        mentions = _by_clause(text, [one.match for one in found])
        voices: dict[int, list[_Voice]] = defaultdict(list)
        said = _by_clause_opinion(opinions)
        last: dict[int, _Voice] = {}
        sentence = -1
        for number, clause in enumerate(text.clauses):
            if clause.sentence != sentence:
                last, sentence = {}, clause.sentence
            own = _voices(mentions.get(number, []))
            if own:
                last = own
                for topic, voice in own.items():
                    voices[topic].append(voice)
            _assign(said.get(number, []), last, fresh=bool(own))
        _own_judgement(voices, opinions, found)
        return tuple(self._aspect(topic, spoken, text) for topic, spoken in sorted(voices.items()))

    def _mention(self, match: Match) -> Mention:
        kind, topic = divmod(match.rule, len(self.topics))
        own = Match(topic, match.start, match.end, match.parts)
        return Mention(own, self.topics[topic].code, (0.0, -1.0, 1.0)[kind])

    def _aspect(self, topic: int, spoken: list[_Voice], text: Text) -> Aspect:
        praise, blame = sum(one.praise for one in spoken), sum(one.blame for one in spoken)
        places = [place for one in spoken for place in one.places]
        if praise or blame:
            polarity, confidence = _weigh(praise, blame)
        else:
            places = [(one.start, one.end) for voice in spoken for one in voice.mentions]
            polarity, confidence = Polarity.NEUTRAL, _MENTIONED_ONLY
        ordered = _outermost(places)[:_MAX_EVIDENCE]
        return Aspect(
            topic=self.topics[topic].code,
            polarity=polarity,
            confidence=round(confidence, 4),
            evidence=tuple(text.span(*place) for place in ordered),
        )


def _by_clause(text: Text, matches: Sequence[Match]) -> dict[int, list[Match]]:
    grouped: defaultdict[int, list[Match]] = defaultdict(list)
    for match in matches:
        grouped[text.clause_at(match.start)].append(match)
    return grouped


def _by_clause_opinion(opinions: Sequence[Opinion]) -> dict[int, list[Opinion]]:
    grouped: defaultdict[int, list[Opinion]] = defaultdict(list)
    for opinion in opinions:
        grouped[opinion.clause].append(opinion)
    return grouped


def _voices(mentions: Sequence[Match]) -> dict[int, _Voice]:
    grouped: defaultdict[int, list[Match]] = defaultdict(list)
    for match in mentions:
        grouped[match.rule].append(match)
    return {
        topic: _Voice(sorted(own, key=lambda match: match.start)) for topic, own in grouped.items()
    }


def _assign(opinions: Sequence[Opinion], voices: dict[int, _Voice], *, fresh: bool) -> None:
    """Give each opinion to the topics mentioned nearest; `fresh`: in its own clause."""
    if not voices:
        return
    if not fresh:
        # Only what has not been judged yet is still spoken of.
        voices = {topic: one for topic, one in voices.items() if not one.praise + one.blame}
    for opinion in opinions:
        distances = {
            topic: gap(voice.nearest(opinion.start, opinion.end), opinion.start, opinion.end)
            for topic, voice in voices.items()
        }
        nearest = min(distances.values(), default=0)
        for topic, distance in distances.items():
            if distance == nearest:
                voices[topic].add(opinion.weight, opinion.start, opinion.end)


def gap(mention: Match, start: int, end: int) -> int:
    """Characters between a mention and an opinion; a mention behind it counts as farther."""
    if mention.start < end and start < mention.end:
        return 0
    if mention.end <= start:
        return start - mention.end + 1
    return mention.start - end + 1 + _BEHIND


def _own_judgement(
    voices: dict[int, list[_Voice]],
    opinions: Sequence[Opinion],
    mentions: Sequence[Mention],
) -> None:
    """Mentions that judge by themselves, unless an opinion word has judged there already."""
    # A text may have ten thousand of both, so neither is searched for the other one by one.
    ordered = sorted(opinions, key=lambda one: one.start)
    starts = [one.start for one in ordered]
    reach = list(accumulate((one.end for one in ordered), max))
    holders = {
        mention: voice
        for spoken in voices.values()
        for voice in spoken
        for mention in voice.mentions
    }
    for one in mentions:
        match, weight = one.match, one.weight
        earlier = bisect_left(starts, match.end)
        if not weight or (earlier and reach[earlier - 1] > match.start):
            continue
        if match in holders:
            holders[match].add(weight, match.start, match.end)


def _outermost(places: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """In order, without those that lie inside another."""
    kept: list[tuple[int, int]] = []
    for start, end in sorted(places, key=lambda place: (place[0], -place[1])):
        if not kept or end > kept[-1][1]:
            kept.append((start, end))
    return kept


def _weigh(praise: float, blame: float) -> tuple[Polarity, float]:
    confidence = min(_MOST, _LEAST + _PER_WEIGHT * abs(praise - blame))
    if min(praise, blame) >= _MIXED * max(praise, blame):
        return Polarity.MIXED, _LEAST
    return (Polarity.POSITIVE if praise > blame else Polarity.NEGATIVE), confidence
