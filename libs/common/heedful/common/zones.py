"""Time zones in settings and requests, by their IANA names."""

from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator


def _known(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise ValueError("give the name of an IANA zone, e.g. Asia/Shanghai") from error
    return name


ZoneName = Annotated[str, AfterValidator(_known)]
