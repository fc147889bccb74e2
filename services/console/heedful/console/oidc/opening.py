"""The flow that the settings describe."""

from collections.abc import Callable
from datetime import datetime

from heedful.common.errors import ConfigurationError
from heedful.common.security.actors.oidc import OidcTokens
from heedful.common.security.actors.provider import Provider
from heedful.common.security.actors.signing_keys import SigningKeys
from heedful.common.service import Platform
from heedful.console.oidc.flow import CALLBACK, Client, Flow
from heedful.console.oidc.provider import Discovery
from heedful.console.settings import WebSettings


def open_flow(own: WebSettings, platform: Platform, now: Callable[[], datetime]) -> Flow:
    """Nothing is asked of the provider yet.

    Raises:
        ConfigurationError: a setting lacks.
    """
    shared = platform.settings.oidc
    if own.oidc_client_id is None or shared.issuer is None or own.public_url is None:
        raise ConfigurationError(
            "HEEDFUL_WEB__OIDC_CLIENT_ID needs HEEDFUL_OIDC__ISSUER and HEEDFUL_WEB__PUBLIC_URL"
        )
    provider = Provider(shared.issuer, shared.jwks_url, allow_http=shared.allow_http)
    keys = SigningKeys(provider.keys)
    secret = own.oidc_client_secret
    client = Client(
        own.oidc_client_id,
        None if secret is None else secret.get_secret_value(),
        own.public_url.rstrip("/") + CALLBACK,
        own.oidc_scope,
    )
    return Flow(
        client,
        Discovery(shared.issuer),
        keys,
        OidcTokens(shared, shared.issuer, keys),
        platform.secrets,
        now,
        leeway_s=shared.leeway_seconds,
    )
