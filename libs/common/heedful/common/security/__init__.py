"""Who may call, and how secrets are kept."""

from heedful.common.security.key_ring import ApiKeys
from heedful.common.security.keys import Principal, Scope
from heedful.common.security.roles import Role
from heedful.common.security.secrets import SecretBox, instance_secret

__all__ = ["ApiKeys", "Principal", "Role", "Scope", "SecretBox", "instance_secret"]
