"""What cells are called: topics, customers, and the words that insights answer with."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from heedful.console.upstream.insights import Row

_STEP = " · "


@dataclass(frozen=True, slots=True)
class Names:
    """Words for codes.

    Attributes:
        topics: by code.
        word: of a value such as `up` or `must_be`; None: it is not one of those.
    """

    topics: Mapping[str, str]
    word: Callable[[str], str | None]

    def of(self, written: str) -> str:
        """A name for people; what is not known stays as it is."""
        return self.topics.get(written) or self.word(written) or written

    def of_row(self, row: Row, labels: Iterable[str]) -> str:
        """What a row is called."""
        said = [found for key in labels if (found := row.text(key))]
        return _STEP.join(self.of(one) for one in said)
