"""A page for each channel, made from its adapter's docstring and models, and the list of them."""

import inspect
from collections.abc import Mapping
from typing import Any

from heedful.ingest.api.connection_models import mode_of, title_of
from heedful.ingest.channels.registry import AnyAdapter, adapters

FOLDER = "channels"
_OWN = "heedful.ingest.channels."
_MODES = {
    "webhook": "The vendor calls heedful: give it the connection's `url`.",
    "fetch": "heedful asks the vendor, when it is rung and every so often.",
    "listen": "heedful holds a line open to the vendor; one process at a time does.",
}


def own_adapters() -> Mapping[str, AnyAdapter]:
    """Those of this repository; others that are installed have pages of their own makers."""
    return {
        name: adapter
        for name, adapter in adapters().items()
        if type(adapter).__module__.startswith(_OWN)
    }


def pages() -> dict[str, str]:
    """File name under docs -> content."""
    own = own_adapters()
    made = {f"{FOLDER}/{name}.md": _page(adapter) for name, adapter in own.items()}
    return {**made, f"{FOLDER}/README.md": _index(own)}


def _index(own: Mapping[str, AnyAdapter]) -> str:
    rows = [
        f"| [`{name}`]({name}.md) | {title_of(adapter)}{_doubt(adapter)} | {mode_of(adapter)} |"
        for name, adapter in sorted(own.items())
    ]
    return "\n".join(
        [
            "# Channels that are read as they come",
            "",
            "A connection of each is made with `POST /v1/connections`; "
            "[../channels.md](../channels.md) says how.",
            "",
            "| channel | what it is | who calls |",
            "|---|---|---|",
            *rows,
            "",
        ]
    )


def _page(adapter: AnyAdapter) -> str:
    title, _, text = (inspect.getdoc(inspect.getmodule(type(adapter))) or "").partition("\n")
    example_at = text.find("## Example")
    before, example = (text, "") if example_at < 0 else (text[:example_at], text[example_at:])
    parts = [
        f"# {title.strip()}",
        f"Channel `{adapter.name}`, version {adapter.version} of its mapping.{_doubt(adapter)}"
        f" {_MODES[mode_of(adapter)]}",
        before.strip(),
        "## Secrets\n\nSealed where they are stored, and never shown.\n\n"
        + _fields(adapter.secrets.model_json_schema()),
        "## Options\n\n" + _fields(adapter.options.model_json_schema()),
        example.strip(),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _doubt(adapter: AnyAdapter) -> str:
    if not adapter.experimental:
        return ""
    return " **Experimental: the vendor's own page was not found.**"


def _fields(schema: Mapping[str, Any]) -> str:
    properties = schema.get("properties", {})
    if not properties:
        return "None."
    required = schema.get("required", [])
    rows = [
        f"| `{name}` | {'yes' if name in required else 'no'} | {_default(field)} | "
        f"{field.get('description', '')} |"
        for name, field in properties.items()
    ]
    return "\n".join(["| field | needed | default | meaning |", "|---|---|---|---|", *rows])


def _default(field: Mapping[str, Any]) -> str:
    if "default" not in field or field["default"] in (None, "", [], {}):
        return ""
    return f"`{field['default']}`"
