"""How answers of services are read."""

from pydantic import BaseModel, ConfigDict


class Read(BaseModel):
    """Base of what the console reads: fields that it does not know are left alone, so that a
    service may be newer than it."""

    model_config = ConfigDict(extra="ignore", frozen=True)
