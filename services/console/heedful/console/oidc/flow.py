"""From the login page to the provider and back.

The ID token says who signed in; the access token, which is made for the services, says tenant and
role exactly as the services themselves would read it (docs/actors.md).
"""

import hmac
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import httpx2
import orjson
from authlib.integrations.base_client import OAuthError
from authlib.integrations.httpx_client import AsyncOAuth2Client

from heedful.common.errors import ConfigurationError, HeedfulError
from heedful.common.security.actors import BadToken
from heedful.common.security.actors.claims import Claims, check, person_id
from heedful.common.security.actors.oidc import ALGORITHMS, OidcTokens
from heedful.common.security.actors.signature import pinned, unverified, verified
from heedful.common.security.actors.signing_keys import SigningKeys
from heedful.common.security.secrets import SecretBox
from heedful.console.oidc.provider import TIMEOUT_S, Discovery, ProviderAway
from heedful.console.sessions.sessions import SignedIn

CALLBACK: Final = "/login/oidc/callback"
CARRIED_FOR: Final = timedelta(minutes=10)
_PURPOSE: Final = "console-oidc"
_VERIFIER_BYTES: Final = 48
_MAX_NAME_CHARS: Final = 200


class NotBegunHere(HeedfulError):
    """What came back does not belong to a signing in that this browser has begun."""


class RefusedThere(HeedfulError):
    """The provider did not let them in."""


@dataclass(frozen=True, slots=True)
class Client:
    """How the provider knows the console.

    Attributes:
        secret: None: a public client, which PKCE alone protects.
        redirect_uri: of the console's callback, as it is registered there.
    """

    id: str
    secret: str | None
    redirect_uri: str
    scope: str


@dataclass(frozen=True, slots=True)
class Begun:
    """`url`: where the browser goes. `carried`: for a cookie until it is back."""

    url: str
    carried: str


@dataclass(frozen=True, slots=True)
class Finished:
    who: SignedIn
    goal: str


class Flow:
    """Signs people in at one provider.

    Args:
        keys: the provider's, for ID tokens.
        tokens: judges its access tokens, as every service does.
        leeway_s: how far the clocks of two machines may be apart.
    """

    def __init__(
        self,
        client: Client,
        discovery: Discovery,
        keys: SigningKeys,
        tokens: OidcTokens,
        box: SecretBox,
        now: Callable[[], datetime],
        *,
        leeway_s: int,
        transport: httpx2.AsyncBaseTransport | None = None,
    ) -> None:
        self._client = client
        self._discovery = discovery
        self._keys = keys
        self._tokens = tokens
        self._box = box
        self._now = now
        self._leeway_s = leeway_s
        self._transport = transport

    async def begin(self, goal: str) -> Begun:
        """
        Raises:
            ProviderAway: nobody can sign in there now.
        """
        endpoints = await self._discovery.endpoints()
        nonce, verifier = secrets.token_urlsafe(16), secrets.token_urlsafe(_VERIFIER_BYTES)
        async with self._oauth() as oauth:
            url, state = oauth.create_authorization_url(
                endpoints.authorization, nonce=nonce, code_verifier=verifier
            )
        until = (self._now() + CARRIED_FOR).timestamp()
        carried = {"state": state, "nonce": nonce, "v": verifier, "goal": goal, "until": until}
        return Begun(url, self._box.seal(orjson.dumps(carried), _PURPOSE).hex())

    async def finish(self, query: Mapping[str, str], carried: str) -> Finished:
        """
        Args:
            query: with which the browser came back.
            carried: of its cookie.

        Raises:
            NotBegunHere: another browser, or another time, began it.
            RefusedThere: the provider says no.
            ProviderAway: it cannot be asked.
            BadToken, NotEntitled, KeysAway: as of an actor's token.
        """
        begun = self._opened(carried)
        if not hmac.compare_digest(query.get("state", "").encode(), begun["state"].encode()):
            raise NotBegunHere
        if "code" not in query:
            raise RefusedThere(query.get("error", "no code"))
        found = await self._exchanged(query["code"], begun["v"])
        claims = await self._id_claims(str(found.get("id_token") or ""), begun["nonce"])
        access = unverified(str(found.get("access_token") or ""))
        person = await self._tokens.person(access, self._now())
        if person.id != person_id(claims):
            raise BadToken("the access token is of somebody else than the ID token")
        name = str(claims.get("name") or claims.get("preferred_username") or person.id)
        who = SignedIn(person.tenant, person.id, name[:_MAX_NAME_CHARS], person.role, "oidc")
        return Finished(who, begun["goal"])

    async def _exchanged(self, code: str, verifier: str) -> Mapping[str, Any]:
        endpoints = await self._discovery.endpoints()
        try:
            async with self._oauth() as oauth:
                found: Mapping[str, Any] = await oauth.fetch_token(
                    endpoints.token, code=code, code_verifier=verifier
                )
        except OAuthError as error:
            raise RefusedThere(str(error.error)) from error
        except (httpx2.HTTPError, ValueError) as error:
            raise ProviderAway("its token endpoint cannot be asked") from error
        return found

    async def _id_claims(self, text: str, nonce: str) -> Claims:
        """OpenID Connect Core §3.1.3.7."""
        token = unverified(text)
        if token.issuer != self._tokens.issuer:
            raise BadToken("the ID token is of another issuer")
        pinned(token, ALGORITHMS)
        claims = verified(token, await self._keys.find(token))
        own = self._client.id
        check(claims, self._now(), self._leeway_s, iss=self._tokens.issuer, aud=own)
        if isinstance(claims["aud"], list) and len(claims["aud"]) > 1 and claims.get("azp") != own:
            raise BadToken("the ID token is for somebody else as well")
        if not hmac.compare_digest(str(claims.get("nonce", "")).encode(), nonce.encode()):
            raise BadToken("the ID token was made for another signing in")
        return claims

    def _opened(self, carried: str) -> dict[str, Any]:
        try:
            found: dict[str, Any] = orjson.loads(self._box.open(bytes.fromhex(carried), _PURPOSE))
        except (ValueError, ConfigurationError) as error:
            raise NotBegunHere from error
        if self._now().timestamp() > found["until"]:
            raise NotBegunHere
        return found

    def _oauth(self) -> AsyncOAuth2Client:
        given = self._client
        return AsyncOAuth2Client(
            client_id=given.id,
            client_secret=given.secret,
            token_endpoint_auth_method="client_secret_basic" if given.secret else "none",
            scope=given.scope,
            redirect_uri=given.redirect_uri,
            code_challenge_method="S256",
            transport=self._transport,
            timeout=TIMEOUT_S,
            trust_env=False,
        )
