"""The words that praise, blame and show a feeling, under one version."""

from dataclasses import dataclass
from typing import Final

from heedful.common.datafiles import digest
from heedful.nlp import emotion_words
from heedful.nlp.emotion_words import EmotionFile, EmotionWords
from heedful.nlp.opinion_words import OpinionFile
from heedful.nlp.opinions import Opinions
from heedful.nlp.resources import names, read

_FOLDER: Final = "lexicon"


@dataclass(frozen=True, slots=True)
class Lexicon:
    opinions: Opinions
    emotions: EmotionWords
    version: str

    @classmethod
    def load(cls) -> "Lexicon":
        """The lexicon that the package ships.

        Raises:
            heedful.common.datafiles.DataError: a file is missing or wrong.
        """
        opinion_files = [read(name, OpinionFile) for name in names(_FOLDER, ".yaml")]
        emotion_file = read(emotion_words.FILE, EmotionFile)
        newest = max(emotion_file.version, *(file.version for file in opinion_files))
        return cls(
            opinions=Opinions(opinion_files),
            emotions=EmotionWords(emotion_file),
            version=f"{newest}+{digest(*opinion_files, emotion_file)}",
        )
