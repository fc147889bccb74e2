"""What is searched of a feedback. Pure."""

from dataclasses import dataclass

from heedful.common.contracts import Embedding


@dataclass(frozen=True, slots=True)
class Said:
    """The words of a feedback as they are published."""

    tenant: str
    source: str
    id: str
    text: str
    embedding: Embedding | None
