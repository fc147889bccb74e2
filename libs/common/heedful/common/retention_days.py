"""The setting of how long something is kept."""

from typing import Annotated

from pydantic import Field

Days = Annotated[int, Field(ge=0, le=36_500)]
"""0 keeps for ever."""
