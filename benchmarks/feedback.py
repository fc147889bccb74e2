"""What is measured with: items of `heedful load`, and the bundled examples in all lengths."""

import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from heedful.cli.load import items

CUSTOMERS = 1000
_SEED = 20261124
_EXAMPLES = Path(__file__).resolve().parents[1] / "examples"


def mixed(count: int) -> list[str]:
    """The bundled examples in all lengths: every tenth is three in one, as a long review is."""
    said = [
        json.loads(line)["text"]
        for file in sorted(_EXAMPLES.glob("*/feedback.jsonl"))
        for line in file.read_text(encoding="utf-8").splitlines()
    ]
    chance = random.Random(_SEED)  # noqa: S311  # not for secrets
    return ["\n".join(chance.sample(said, 3 if number % 10 == 0 else 1)) for number in range(count)]


def posts(said: list[str], prefix: str) -> Iterator[dict[str, Any]]:
    """Endless bodies of `POST /v1/feedback` under the ids `<prefix>-<number>`."""
    for post in items.posts(said, prefix, CUSTOMERS):
        yield {**post, "occurred_at": "2026-11-24T08:15:00+08:00"}
