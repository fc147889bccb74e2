"""Takes an actor token to who can judge it."""

import base64
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from joserfc.jwk import Key, OctKey, OKPKey
from pydantic import SecretStr

from heedful.common import metrics
from heedful.common.actor_settings import ConsoleSettings, OidcSettings, public_key, secret_bytes
from heedful.common.errors import HeedfulError
from heedful.common.security.actors.claims import BadToken, Person
from heedful.common.security.actors.console import ConsoleTokens
from heedful.common.security.actors.oidc import OidcTokens
from heedful.common.security.actors.provider import Provider
from heedful.common.security.actors.signature import unverified
from heedful.common.security.actors.signing_keys import SigningKeys


def _now() -> datetime:
    return datetime.now(UTC)


class ActorTokens:
    """Proves people by either kind of token.

    Args:
        console: None: tokens of the console are not taken.
        oidc: None: nor are those of an identity provider.
        now: what tokens expire by.
    """

    def __init__(
        self,
        console: ConsoleTokens | None = None,
        oidc: OidcTokens | None = None,
        now: Callable[[], datetime] = _now,
    ) -> None:
        self.console = console
        self.oidc = oidc
        self._now = now

    @property
    def signs_in(self) -> bool:
        """Whether people may come without an API key: with a token of an identity provider."""
        return self.oidc is not None

    async def person(self, text: str, *, alone: bool = False) -> Person:
        """Whose token it is.

        Args:
            alone: without an API key, for which only an identity provider's token will do.

        Raises:
            BadToken: it proves nothing.
            NotEntitled: they have no role or tenant here.
            KeysAway: the identity provider's keys cannot be read.
        """
        try:
            found = await self._person(text, alone)
        except HeedfulError as error:
            metrics.ACTOR_TOKENS.labels(type(error).__name__).inc()
            raise
        metrics.ACTOR_TOKENS.labels("ok").inc()
        return found

    async def _person(self, text: str, alone: bool) -> Person:
        token = unverified(text)
        oidc = self.oidc
        if oidc is not None and (alone or self.console is None or token.issuer == oidc.issuer):
            return await oidc.person(token, self._now())
        if self.console is not None:
            return self.console.person(token, self._now())
        raise BadToken(
            "no actor tokens are taken here; leave X-Actor-Token out, or have the operator set "
            "HEEDFUL_OIDC__ISSUER or HEEDFUL_CONSOLE__PUBLIC_KEYS"
        )


def open_tokens(oidc: OidcSettings, console: ConsoleSettings) -> ActorTokens:
    """As the settings say; nothing is asked of a provider yet."""
    return ActorTokens(_console(console), _oidc(oidc))


def _oidc(settings: OidcSettings) -> OidcTokens | None:
    if settings.issuer is None:
        return None
    provider = Provider(settings.issuer, settings.jwks_url, allow_http=settings.allow_http)
    return OidcTokens(settings, settings.issuer, SigningKeys(provider.keys))


def _console(settings: ConsoleSettings) -> ConsoleTokens | None:
    if not settings.public_keys and not settings.secrets:
        return None
    return ConsoleTokens(
        {one.id: _ed25519(one.key) for one in map(public_key, settings.public_keys)},
        {one.id: OctKey.import_key(one.key) for one in map(secret_bytes, _plain(settings.secrets))},
        settings.leeway_seconds,
    )


def _ed25519(raw: bytes) -> Key:
    x = base64.urlsafe_b64encode(raw).decode().rstrip("=")
    return OKPKey.import_key({"kty": "OKP", "crv": "Ed25519", "x": x})


def _plain(secrets: Sequence[SecretStr]) -> list[str]:
    return [one.get_secret_value() for one in secrets]
