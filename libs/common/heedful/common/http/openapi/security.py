"""Which scopes an operation demands: they stand as the roles of its security requirements
(OpenAPI 3.1.1, Security Requirement Object)."""

from collections.abc import Sequence
from typing import Any

from heedful.common.security import Role, Scope

SCOPES = "x-scopes"
"""Where a route leaves its scopes; any one of them will do. Not in the document."""
ROLE = "x-role"
"""Where it leaves the role that a person must have. Not in the document."""
ACTOR = "actorToken"
"""The scheme of a person's token, which is sent beside a key."""


def demands_of(scopes: Sequence[Scope], role: Role | None = None) -> dict[str, Any]:
    """The `openapi_extra` of a route that demands one of these scopes, and maybe a role."""
    demands: dict[str, Any] = {SCOPES: [scope.value for scope in scopes]}
    return demands if role is None else {**demands, ROLE: role.value}


def with_scopes(operation: dict[str, Any]) -> None:
    """Move the scopes and the role to where the specification has them."""
    scopes, role = operation.pop(SCOPES, None), operation.pop(ROLE, None)
    if scopes is None:
        return
    schemes = [name for requirement in operation["security"] for name in requirement]
    keys = [name for name in schemes if name != ACTOR]
    operation["security"] = [{name: [scope]} for scope in scopes for name in keys]
    if ACTOR in schemes:
        # Two schemes in one requirement: both are sent (OpenAPI 3.1.1, Security Requirement).
        operation["security"] += [{keys[0]: [scope], ACTOR: []} for scope in scopes]
    demanded = " or ".join(f"`{scope}`" for scope in scopes)
    demanded += "." if role is None else f". Role of a person: `{role}` or higher."
    said = operation.get("description", "")
    operation["description"] = f"{said}\n\nScope: {demanded}".lstrip()
