"""Which scopes an operation demands: they stand as the roles of its security requirements
(OpenAPI 3.1.1, Security Requirement Object)."""

from collections.abc import Sequence
from typing import Any

from heedful.common.security import Scope

SCOPES = "x-scopes"
"""Where a route leaves its scopes; any one of them will do. Not in the document."""


def scopes_of(scopes: Sequence[Scope]) -> dict[str, Any]:
    """The `openapi_extra` of a route that demands one of these."""
    return {SCOPES: [scope.value for scope in scopes]}


def with_scopes(operation: dict[str, Any]) -> None:
    """Move the scopes to where the specification has them."""
    scopes = operation.pop(SCOPES, None)
    if scopes is None:
        return
    schemes = [name for requirement in operation["security"] for name in requirement]
    operation["security"] = [{name: [scope]} for scope in scopes for name in schemes]
    demanded = " or ".join(f"`{scope}`" for scope in scopes)
    said = operation.get("description", "")
    operation["description"] = f"{said}\n\nScope: {demanded}.".lstrip()
