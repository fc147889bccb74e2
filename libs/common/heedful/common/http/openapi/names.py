"""Names of schemas that do not change when a class elsewhere gets the same name.

FastAPI writes out the module of a class whose name is taken (`heedful__alerting__case__State`), and
a generic's arguments with underscores (`Page_CaseOut_`).
"""

import re
from typing import Any

_REFERENCE = "#/components/schemas/"
_QUALIFIED = re.compile(r"heedful__(?:\w+__)?(?P<module>\w+?)__(?P<name>[A-Za-z]+)")
_PAGE = re.compile(r"Page_(?P<name>\w+)_")


def renamed(document: dict[str, Any]) -> dict[str, Any]:
    """The document with its schemas under readable names.

    Raises:
        ValueError: two schemas would have the same name.
    """
    schemas = document.get("components", {}).get("schemas", {})
    names = {name: readable(name) for name in schemas}
    if len(set(names.values())) < len(names):
        raise ValueError(f"two schemas have one name among {sorted(names.values())}")
    references = {_REFERENCE + old: _REFERENCE + new for old, new in names.items()}
    made: dict[str, Any] = _replaced(document, references)
    if schemas:
        made["components"]["schemas"] = {
            names[old]: one for old, one in made["components"]["schemas"].items()
        }
    return made


def readable(name: str) -> str:
    """`heedful__alerting__case__State` -> `CaseState`, `Page_CaseOut_` -> `CaseOutPage`."""
    if found := _QUALIFIED.fullmatch(name):
        return found["module"].title().replace("_", "") + found["name"]
    if found := _PAGE.fullmatch(name):
        return found["name"] + "Page"
    return name


def _replaced(part: Any, references: dict[str, str]) -> Any:
    if isinstance(part, dict):
        return {
            key: references.get(value, value)
            if key == "$ref" and isinstance(value, str)
            else _replaced(value, references)
            for key, value in part.items()
        }
    if isinstance(part, list):
        return [_replaced(one, references) for one in part]
    return part
