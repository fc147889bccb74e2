"""What the tests of imports share."""

import io
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from heedful.common.contracts import Channel
from heedful.ingest.importing.layout import Hints, read
from heedful.ingest.importing.plan import Options
from heedful.ingest.importing.proposal import Proposal, propose
from heedful.ingest.importing.records import Limits
from heedful.ingest.importing.rows import Converter, Item, Rejected

LIMITS = Limits()
NO_HINTS = Hints()
REVIEW = Options(source="shop", channel=Channel.REVIEW)


@dataclass(frozen=True)
class Export:
    """A file as somebody's system exports it, and what each column should become."""

    name: str
    header: Sequence[str]
    rows: Sequence[Sequence[str]]
    becomes: Mapping[str, str | list[str]]
    scale: str | None = None
    review: bool = True
    header_row: int | None = None
    doubt: str | None = None

    @property
    def options(self) -> Options:
        return Options(source="x", channel=Channel.REVIEW if self.review else Channel.CALL)


def exports() -> list[Export]:
    text = (Path(__file__).parent / "exports.toml").read_text("utf-8")
    return [Export(**one) for one in tomllib.loads(text)["export"]]


@dataclass
class Read:
    """What a whole file became."""

    proposal: Proposal
    items: list[Item] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)
    merged: int = 0

    @property
    def texts(self) -> list[str]:
        return [item.posted.text for item in self.items]

    @property
    def details(self) -> dict[int, str]:
        return {one.number: one.detail for one in self.rejected}


def read_all(
    content: bytes,
    options: Options = REVIEW,
    hints: Hints = NO_HINTS,
    limits: Limits = LIMITS,
    **changes: Any,
) -> Read:
    """Read a file to its end.

    Args:
        changes: of the options.

    Raises:
        Unreadable: it cannot be read.
    """
    file = io.BytesIO(content)
    proposal = propose(file, hints, options.model_copy(update=changes), limits)
    assert proposal.plan is not None, proposal.missing
    found = Read(proposal)
    converter = Converter(proposal.plan)
    rows = read(file, proposal.layout, limits)
    for record in rows:
        outcome = converter.convert(record)
        if isinstance(outcome, Item):
            found.items.append(outcome)
        elif outcome is not None:
            found.rejected.append(outcome)
    found.merged = rows.merged()
    return found
