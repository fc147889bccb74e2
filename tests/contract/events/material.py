"""The golden files: what was published in each version of each payload, as it travelled.

`golden/<topic>/<n>.full.json` has every field that version n knew, `<n>.minimal.json` only those
that it demanded. They are never changed; a version with a new field adds files with the next n.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from heedful.common.topics import TOPICS, Topic

FOLDER = Path(__file__).parent / "golden"


@dataclass(frozen=True, slots=True)
class Golden:
    """One published payload."""

    topic: Topic
    version: int
    form: str
    text: bytes

    def __str__(self) -> str:
        return f"{self.topic.name}/{self.version}.{self.form}"

    @property
    def body(self) -> dict[str, Any]:
        found = orjson.loads(self.text)
        assert isinstance(found, dict)
        return found


def _read() -> tuple[Golden, ...]:
    found = []
    for topic in TOPICS:
        for path in sorted((FOLDER / topic.name).glob("*.json")):
            version, form, _ = path.name.split(".")
            found.append(Golden(topic, int(version), form, path.read_bytes()))
    return tuple(found)


GOLDEN = _read()


def newest(topic: Topic, form: str) -> Golden:
    """The newest golden file of a topic in one form, `full` or `minimal`."""
    found = [one for one in GOLDEN if one.topic is topic and one.form == form]
    return max(found, key=lambda one: one.version)
