"""The rules of language in one place, under one version: opinions, emotions, urgency, intents."""

from dataclasses import dataclass
from typing import Final

from heedful.nlp import emotion_words, intent, urgency
from heedful.nlp.emotion_words import EmotionFile, EmotionWords
from heedful.nlp.intent import IntentFile, IntentRules
from heedful.nlp.opinion_words import OpinionFile
from heedful.nlp.opinions import Opinions
from heedful.nlp.resources import digest, names, read
from heedful.nlp.urgency import UrgencyFile, UrgencyRules

_FOLDER: Final = "lexicon"


@dataclass(frozen=True, slots=True)
class Lexicon:
    opinions: Opinions
    emotions: EmotionWords
    urgency: UrgencyRules
    intents: IntentRules
    version: str

    @classmethod
    def load(cls) -> "Lexicon":
        """The lexicon that the package ships.

        Raises:
            heedful.nlp.resources.DataError: a file is missing or wrong.
        """
        opinion_files = [read(name, OpinionFile) for name in names(_FOLDER, ".yaml")]
        emotion_file = read(emotion_words.FILE, EmotionFile)
        urgency_file = read(urgency.FILE, UrgencyFile)
        intent_file = read(intent.FILE, IntentFile)
        files = (*opinion_files, emotion_file, urgency_file, intent_file)
        return cls(
            opinions=Opinions(opinion_files),
            emotions=EmotionWords(emotion_file),
            urgency=UrgencyRules(urgency_file),
            intents=IntentRules(intent_file),
            version=f"{urgency_file.version}+{digest(*files)}",
        )
