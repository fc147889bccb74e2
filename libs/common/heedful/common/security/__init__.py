"""Who may call, and how secrets are kept."""

from heedful.common.security.keys import Principal, Scope
from heedful.common.security.roles import Role

__all__ = ["Principal", "Role", "Scope"]
