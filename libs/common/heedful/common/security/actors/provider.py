"""Reads the public keys of an OpenID provider over HTTP.

https://openid.net/specs/openid-connect-discovery-1_0.html §4. The operator names the provider, so
an address inside the cluster is as good as any other; redirects are not followed all the same.
"""

import asyncio
import http.client
import time
import urllib.request
from collections.abc import Mapping, Sequence
from typing import Any, Final
from urllib.parse import urlsplit

import orjson
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from joserfc.errors import JoseError
from joserfc.jwk import JWKRegistry, Key, OctKey, RSAKey

TIMEOUT_S: Final = 3.0
"""For each of the two documents."""
MAX_BYTES: Final = 262_144
MAX_KEYS: Final = 100
_MIN_RSA_BITS: Final = 2048  # RFC 7518 §3.3
_CHUNK: Final = 16_384
_DISCOVERY: Final = "/.well-known/openid-configuration"


class Provider:
    """An OpenID provider.

    Args:
        issuer: its URL, as tokens have it in `iss`.
        jwks_url: where its keys are; None: its discovery document says it.
        allow_http: neither needs TLS.
    """

    def __init__(self, issuer: str, jwks_url: str | None, *, allow_http: bool) -> None:
        self._issuer = issuer
        self._jwks_url = jwks_url
        self._schemes = ("https", "http") if allow_http else ("https",)

    async def keys(self) -> Sequence[Key]:
        """The keys that may verify a signature.

        Raises:
            OSError: it does not answer, or not with 200, or not in time.
            ValueError: what it answers is not what the specification says.
        """
        return await asyncio.to_thread(self._read)

    def _read(self) -> Sequence[Key]:
        return usable(_get(self._jwks_url or self._discovered(), self._schemes))

    def _discovered(self) -> str:
        found = _get(self._issuer.rstrip("/") + _DISCOVERY, self._schemes)
        if found.get("issuer") != self._issuer:
            # §4.3: it MUST be exactly the same, or somebody else's keys would be taken.
            raise ValueError("the discovery document is of another issuer")
        url = found.get("jwks_uri")
        if not isinstance(url, str):
            raise ValueError("the discovery document has no jwks_uri")
        return url


def usable(document: Mapping[str, Any]) -> Sequence[Key]:
    """The public keys in a JWK Set (RFC 7517 §5); what is not understood is left out.

    Raises:
        ValueError: it is no such set, or holds no key that is strong enough.
    """
    listed = document.get("keys")
    if not isinstance(listed, list):
        raise ValueError("there is no list of keys")
    keys = [key for one in listed[:MAX_KEYS] if (key := _public(one)) is not None]
    if not keys:
        raise ValueError("no key can be used")
    return keys


def _public(data: Any) -> Key | None:
    try:
        key = JWKRegistry.import_key(data)
    except (JoseError, ValueError, TypeError, KeyError):
        return None
    if isinstance(key, OctKey):
        # A secret that is published is none; with it HS256 could be forged.
        return None
    if isinstance(key, RSAKey):
        raw = key.public_key
        if not isinstance(raw, RSAPublicKey) or raw.key_size < _MIN_RSA_BITS:
            return None
    return key


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        return None


_OPENER: Final = urllib.request.build_opener(_NoRedirects)


def _get(url: str, schemes: Sequence[str]) -> Mapping[str, Any]:
    if urlsplit(url).scheme not in schemes:
        raise ValueError(f"the URL must start with {' or '.join(schemes)}")
    until = time.monotonic() + TIMEOUT_S
    request = urllib.request.Request(url, headers={"Accept": "application/json"})  # noqa: S310  # checked above
    try:
        with _OPENER.open(request, timeout=TIMEOUT_S) as answer:
            found = orjson.loads(_body(answer, until))
    except http.client.HTTPException as error:
        raise OSError(f"no HTTP answer: {type(error).__name__}") from error
    if not isinstance(found, dict):
        raise ValueError("the document is no JSON object")
    return found


def _body(answer: http.client.HTTPResponse, until: float) -> bytes:
    """All of it; each read has a timeout, and so has the whole."""
    read = bytearray()
    while chunk := answer.read1(_CHUNK):
        read += chunk
        if len(read) > MAX_BYTES:
            raise ValueError(f"the document has more than {MAX_BYTES} bytes")
        if time.monotonic() > until:
            raise TimeoutError("the document did not come in time")
    return bytes(read)
