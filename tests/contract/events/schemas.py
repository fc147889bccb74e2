"""The committed JSON Schema of every payload, and whether the present one may replace it.

    .venv/bin/python -m tests.contract.events.schemas

writes the files anew after a compatible change, and refuses after any other.
"""

import sys
from pathlib import Path
from typing import Any

import orjson

from heedful.common.topics import TOPICS, Topic
from tests.contract.events.compatibility import Schema, compare, shape

FOLDER = Path(__file__).parent / "schemas"
COMMAND = ".venv/bin/python -m tests.contract.events.schemas"


def path_of(topic: Topic) -> Path:
    return FOLDER / f"{topic.name}.json"


def present(topic: Topic) -> dict[str, Any]:
    """The schema of the model as it is now."""
    return shape(topic.payload.model_json_schema())


def published(topic: Topic) -> dict[str, Any]:
    """The schema as committed."""
    found = orjson.loads(path_of(topic).read_bytes())
    assert isinstance(found, dict)
    return found


def refusal(topic: str, before: Schema, now: Schema) -> str | None:
    """Why the present schema may not be published as this topic; None when it may."""
    breaks = compare(before, now).breaks
    if not breaks:
        return None
    name, major = topic.rsplit(".v", 1)
    return (
        f"{topic} would break those who read or wrote it:\n"
        + "".join(f"  {sentence}\n" for sentence in breaks)
        + f"Undo it, or make a new major version: a topic {name}.v{int(major) + 1} with a payload "
        "of its own, written beside this one until every reader has moved."
    )


def request(topic: str, before: Schema, now: Schema) -> str | None:
    """What to do after a compatible change; None when the file says what is so."""
    if before == now:
        return None
    additions = compare(before, now).additions or ["nothing that travels"]
    return (
        f"{topic} has changed compatibly:\n"
        + "".join(f"  {sentence}\n" for sentence in additions)
        + f"Write the file anew, and golden files of the new version beside it: {COMMAND}"
    )


def main() -> None:
    """Write every file, unless a change breaks something."""
    refused = [
        sentence
        for topic in TOPICS
        if path_of(topic).exists()
        and (sentence := refusal(topic.name, published(topic), present(topic))) is not None
    ]
    if refused:
        sys.exit("\n".join(refused))
    FOLDER.mkdir(exist_ok=True)
    for topic in TOPICS:
        path_of(topic).write_bytes(
            orjson.dumps(present(topic), option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS) + b"\n"
        )


if __name__ == "__main__":
    main()
