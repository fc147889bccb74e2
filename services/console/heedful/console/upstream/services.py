"""The services of this installation."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import httpx2

from heedful.common.errors import ConfigurationError
from heedful.common.security.keys import parse
from heedful.common.service import Platform
from heedful.console.settings import WebSettings, signing_key
from heedful.console.signing import Acting, Alone, Signer
from heedful.console.upstream.caller import Caller, Credentials

SERVICES: Final = ("ingest", "nlp", "journey", "alerting")
_CONNECTIONS: Final = 100


@dataclass(frozen=True, slots=True)
class Callers:
    """Every service, asked for one person."""

    ingest: Caller
    nlp: Caller
    journey: Caller
    alerting: Caller


@dataclass(frozen=True, slots=True)
class Process:
    """Where services answer: one of them each, or all of them in the all-in-one form."""

    address: str
    services: tuple[str, ...]
    http: httpx2.AsyncClient


class Services:
    """Connections to the services, kept open."""

    def __init__(self, clients: Mapping[str, httpx2.AsyncClient], credentials: Credentials) -> None:
        self._clients = clients
        self._credentials = credentials

    @property
    def tenants(self) -> frozenset[str]:
        """Whose people can sign in."""
        return frozenset(self._credentials.keys)

    def asked_by(self, acting: Acting | Alone) -> Callers:
        """The services as this person may use them, or the console itself."""
        return Callers(
            **{
                name: Caller(name, client, self._credentials, acting)
                for name, client in self._clients.items()
            }
        )

    def processes(self) -> list[Process]:
        """By address, in the order of the services."""
        found: dict[str, Process] = {}
        for name, client in self._clients.items():
            address = str(client.base_url)
            known = found.get(address)
            together = (name,) if known is None else (*known.services, name)
            found[address] = Process(address, together, client if known is None else known.http)
        return list(found.values())

    async def close(self) -> None:
        await asyncio.gather(*(one.aclose() for one in self._clients.values()))


def open_services(own: WebSettings, platform: Platform, now: Callable[[], datetime]) -> Services:
    """As the settings say; nothing is asked yet.

    Raises:
        ConfigurationError: a key is missing.
    """
    if own.signing_key is None:
        raise ConfigurationError(
            "the console needs a key to sign for people: set HEEDFUL_WEB__SIGNING_KEY, and "
            "HEEDFUL_CONSOLE__PUBLIC_KEYS for every service (docs/console.md says how to make them)"
        )
    urls = {name: getattr(own, f"{name}_url") or platform.url for name in SERVICES}
    limits = httpx2.Limits(max_connections=_CONNECTIONS, max_keepalive_connections=_CONNECTIONS)
    clients = {
        name: httpx2.AsyncClient(
            base_url=url, timeout=own.upstream_seconds, limits=limits, trust_env=False
        )
        for name, url in urls.items()
    }
    credentials = Credentials(_keys(own, platform), Signer(*signing_key(own.signing_key)), now)
    return Services(clients, credentials)


def _keys(own: WebSettings, platform: Platform) -> dict[str, str]:
    given = [one.get_secret_value().partition(":") for one in own.service_keys]
    if given:
        return {tenant: key for tenant, _, key in given}
    shared = platform.settings.api_keys
    if not shared:
        raise ConfigurationError(
            "the console needs an API key of each tenant: set HEEDFUL_WEB__SERVICE_KEYS"
        )
    key, principal = parse(shared[0].get_secret_value())
    return {principal.tenant: key}
