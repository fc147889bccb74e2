"""What the end-to-end tests send, and what must come of it."""

import gzip
import json
import os
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from heedful.common.contracts import Colour, Feedback
from heedful.nlp.pipeline import Pipeline

Item = dict[str, Any]
ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples"
DATA = ROOT.parent / "shared" / "data"


def examples(kind: str) -> list[Item]:
    """The bundled items, oldest first."""
    files = sorted(EXAMPLES.glob(f"*/{kind}.jsonl"))
    lines = [line for file in files for line in file.read_text().splitlines()]
    return sorted(map(json.loads, lines), key=lambda item: str(item["occurred_at"]))


def reds(items: Sequence[Item]) -> set[tuple[str, str]]:
    """(source, id) of the items that the pipeline, asked directly, calls red."""
    pipeline = Pipeline.load()
    now = datetime.now(UTC)
    found = set()
    for item in items:
        feedback = Feedback.model_validate({**item, "tenant": "oracle", "received_at": now})
        if pipeline.enrich(feedback, now).light.colour is Colour.RED:
            found.add((item["source"], item["id"]))
    return found


def real_texts(count: int) -> list[Item]:
    """Texts of every labelled set, in equal shares, as feedback of 200 customers."""
    files = sorted(DATA.glob("*.dev.jsonl.gz"))
    share = -(-count // len(files))
    texts: list[str] = []
    for file in files:
        with gzip.open(file, "rt", encoding="utf-8") as lines:
            own = [json.loads(line)["text"] for line in lines]
        # A small set gives what it has; the larger ones make up for it.
        texts += [text for text in own if text.strip()][: share * 3]
    by_set = texts[:: max(1, len(texts) // count)][:count]
    return [
        {
            "id": f"real-{index}",
            "source": "real-texts",
            "channel": "review",
            "text": text[:20000],
            "identifiers": [{"type": "customer_id", "value": f"c{index % 200}"}],
        }
        for index, text in enumerate(by_set)
    ]


def require_data() -> None:
    """Named skip for strangers; a failure in CI, where the data must be."""
    import pytest

    if DATA.is_dir():
        return
    if os.environ.get("CI") == "true":
        pytest.fail(f"no labelled texts at {DATA}")
    pytest.skip("no labelled texts beside the repository")
