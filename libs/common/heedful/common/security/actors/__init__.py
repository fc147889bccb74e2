"""Proof of who acts: tokens of an identity provider or of the console."""

from heedful.common.security.actors.claims import BadToken, NotEntitled, Person
from heedful.common.security.actors.signing_keys import KeysAway
from heedful.common.security.actors.tokens import ActorTokens, open_tokens

__all__ = ["ActorTokens", "BadToken", "KeysAway", "NotEntitled", "Person", "open_tokens"]
