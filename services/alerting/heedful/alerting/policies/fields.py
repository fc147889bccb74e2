"""What the parts of a policy are written with."""

from datetime import timedelta
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer

from heedful.alerting.states import State
from heedful.common.contracts import Channel, Colour, IntentLabel, Name, SignalKind

_LONGEST = timedelta(days=366)


def _written(value: object) -> object:
    """A number would be taken for seconds by one reader and for hours by another."""
    if not isinstance(value, str | timedelta):
        raise ValueError("write it as ISO 8601 does: PT24H, P2D")
    return value


Written = Annotated[timedelta, BeforeValidator(_written)]
Duration = Annotated[Written, Field(gt=timedelta(0), le=_LONGEST)]


# A set has no order; what is written is the same every time.
Colours = Annotated[frozenset[Colour], PlainSerializer(sorted, return_type=list[Colour])]
Intents = Annotated[frozenset[IntentLabel], PlainSerializer(sorted, return_type=list[IntentLabel])]
Channels = Annotated[frozenset[Channel], PlainSerializer(sorted, return_type=list[Channel])]
Signals = Annotated[frozenset[SignalKind], PlainSerializer(sorted, return_type=list[SignalKind])]
Names = Annotated[frozenset[Name], PlainSerializer(sorted, return_type=list[Name])]
States = Annotated[frozenset[State], PlainSerializer(sorted, return_type=list[State])]


class Document(BaseModel):
    """Base of everything in a policy."""

    model_config = ConfigDict(extra="forbid", frozen=True)
