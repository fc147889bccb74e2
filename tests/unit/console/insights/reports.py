"""Reports as journey answers with them."""

from typing import Any
from zoneinfo import ZoneInfo

from heedful.console.insights.names import Names
from heedful.console.insights.written import Writes
from heedful.console.sessions.preference import Language
from heedful.console.upstream.insights import Report
from heedful.console.web.localize import Localize

WORDS = {"up": "rising", "hidden": "hidden need"}
NAMES = Names({"store.odour": "Odour"}, WORDS.get)
WRITES = Writes(Localize(Language.EN, ZoneInfo("Asia/Shanghai")), NAMES, "yes", "no")


def estimate(value: float, low: float, high: float) -> dict[str, float]:
    return {"value": value, "low": low, "high": high}


def row(customers: int = 30, grey: bool = False, **cells: Any) -> dict[str, Any]:
    why = {"zh": "太少", "en": "too few"} if grey else None
    examples = [{"customer_id": "c1"}, {"customer_id": "c1"}, {"customer_id": "c2"}]
    return {"cells": cells, "customers": customers, "grey": grey, "why": why, "examples": examples}


def report(name: str, columns: dict[str, str], *rows: dict[str, Any], **fields: Any) -> Report:
    """A report whose columns are given with their units."""
    given = [
        {"key": key, "label": {"zh": f"{key} 中", "en": key}, "unit": unit}
        for key, unit in columns.items()
    ]
    words = {"zh": "", "en": ""}
    return Report.model_validate(
        {
            "name": name,
            "title": words,
            "meaning": words,
            "customers": 120,
            "events": 800,
            "state": "ok",
            "figures": {},
            "columns": given,
            "rows": rows,
            "notes": [],
            **fields,
        }
    )
