"""A calendar as somebody writes it."""

from typing import Any

from heedful.alerting.calendars.document import CalendarDocument

WORKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday")


def written(**changes: Any) -> dict[str, Any]:
    """An office in Shanghai; what is changed replaces a field."""
    return {
        "zone": "Asia/Shanghai",
        "week": {day: ["09:00-12:00", "13:30-18:00"] for day in WORKDAYS},
        **changes,
    }


def document(**changes: Any) -> CalendarDocument:
    return CalendarDocument.model_validate(written(**changes))
