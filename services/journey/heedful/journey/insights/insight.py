"""One interface for all insights, so that API, CSV and command line are written once."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from heedful.journey.insights.facts import Facts, Ints
from heedful.journey.insights.report import Label, Report


class Parameters(BaseModel):
    """What may be asked of every insight; each adds its own, with a default for everything."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    touchpoint: str | None = Field(default=None, description="Only events of this touchpoint.")
    segment: str | None = Field(
        default=None, description="Only customers whose newest `segment` attribute is this."
    )

    def further_attributes(self) -> tuple[str, ...]:
        """Keys of attributes that are needed because they were asked for by name."""
        return ()


P = TypeVar("P", bound=Parameters)


@dataclass(frozen=True, slots=True)
class Insight(Generic[P]):
    """
    Attributes:
        name: in the path `/v1/insights/<name>`: lower case with hyphens.
        parameters: the model that checks what was asked.
        attributes: keys of attributes that `compute` needs in `Facts.attributes`.
        compute: pure; the same facts and parameters give the same report. What it draws at
            random it draws from a generator with a fixed seed.
        lookback: how many periods of the same length before `Facts.since` it needs to see as well,
            to compare with; only then are there events before `since`.
        stored: fields of the parameters that hold what the team has entered: they are read from
            where it is kept, and nobody asks for them.
        texts: the events, some thousand at most, whose texts and embeddings `compute` reads in
            `Facts.texts`; there are none of events without an embedding.
    """

    name: str
    title: Label
    parameters: type[P]
    compute: Callable[[Facts, P], Report]
    attributes: tuple[str, ...] = ()
    lookback: float = 0.0
    stored: tuple[str, ...] = ()
    texts: Callable[[Facts, P], Ints] | None = None
