"""Words for the codes of nlp."""

from collections.abc import Mapping

from heedful.console.sessions.preference import Language
from heedful.console.upstream.caller import Caller
from heedful.console.upstream.errors import UpstreamError
from heedful.console.upstream.reading import Read

TOPIC = "topic"


class Label(Read):
    kind: str
    code: str
    zh: str
    en: str


class LabelPage(Read):
    items: list[Label]


async def topics(nlp: Caller, language: Language) -> Mapping[str, str]:
    """What topics are called, by code. Empty where nlp cannot say: a page shows codes then."""
    try:
        found = await nlp.get(LabelPage, "/v1/labels")
    except UpstreamError:
        return {}
    zh = language is Language.ZH
    return {one.code: one.zh if zh else one.en for one in found.items if one.kind == TOPIC}
