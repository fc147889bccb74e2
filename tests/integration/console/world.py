"""The console on a real PostgreSQL; the services behind it answer what a test says."""

import base64
import hashlib
import re
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import httpx2
import orjson
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from heedful.common.security.roles import Role
from heedful.common.serve import build_app
from heedful.common.service import Platform
from heedful.console import main
from heedful.console.accounts import store
from heedful.console.accounts.store import Account
from heedful.console.oidc.flow import Flow
from heedful.console.settings import WebSettings
from heedful.console.signing import Signer
from heedful.console.upstream.caller import Credentials
from heedful.console.upstream.services import SERVICES, Services
from tests.integration.conftest import API_KEY, TENANT

NOW: Final = datetime(2026, 11, 30, 8, tzinfo=UTC)
BASE: Final = "http://console.test"
PASSWORD: Final = "correct horse battery"
_CSRF: Final = re.compile(r'name="csrf" value="([^"]+)"')
_SALT: Final = bytes(16)
KEPT: Final = "scrypt$2$8$1${}${}".format(
    base64.b64encode(_SALT).decode(),
    base64.b64encode(
        hashlib.scrypt(PASSWORD.encode(), salt=_SALT, n=2, r=8, p=1, dklen=32)
    ).decode(),
)
"""As accounts keep it, and cheaper than any real one."""

Answer = Callable[[httpx2.Request], httpx2.Response]


class Clock:
    """Time as the console sees it."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now

    def passes(self, length: timedelta) -> None:
        self.now += length


@dataclass
class Upstream:
    """The four services, as a test wants them. What nobody planned is 404."""

    answers: dict[tuple[str, str], Answer] = field(default_factory=dict)
    requests: list[httpx2.Request] = field(default_factory=list)

    def gives(self, method: str, path: str, body: object, status: int = 200) -> None:
        """This body, to each request of the method at the path (without its query)."""
        media = "application/json" if status < 400 else "application/problem+json"
        content = orjson.dumps(body)
        self.does(
            method,
            path,
            lambda _: httpx2.Response(status, content=content, headers={"content-type": media}),
        )

    def refuses(self, method: str, path: str, status: int, code: str, detail: str) -> None:
        """A problem."""
        kind = f"https://heedful.dev/problems/{code}"
        self.gives(method, path, {"type": kind, "status": status, "detail": detail}, status)

    def does(self, method: str, path: str, answer: Answer) -> None:
        self.answers[method, path] = answer

    def asked(self, method: str, path: str) -> list[httpx2.Request]:
        """The requests that came, the oldest first."""
        return [one for one in self.requests if (one.method, one.url.path) == (method, path)]

    def handle(self, request: httpx2.Request) -> httpx2.Response:
        self.requests.append(request)
        answer = self.answers.get((request.method, request.url.path))
        if answer is None:
            return httpx2.Response(404, json={"detail": f"nobody planned {request.url.path}"})
        return answer(request)


@dataclass(frozen=True)
class Browser:
    """A browser at the console: it keeps cookies and follows nothing by itself."""

    http: httpx2.AsyncClient

    async def sign_in(self, who: str = "admin", password: str = PASSWORD) -> httpx2.Response:
        return await self.http.post("/login", data={"id": who, "password": password, "next": "/"})

    async def get(self, path: str, **query: Any) -> httpx2.Response:
        return await self.http.get(path, params=query or None)

    async def post(self, path: str, on: str, **fields: Any) -> httpx2.Response:
        """Submit a form that stands on the page `on`."""
        page = await self.http.get(on)
        found = _CSRF.search(page.text)
        assert found is not None, page.text
        return await self.http.post(path, data={"csrf": found.group(1), **fields})


@dataclass(frozen=True)
class World:
    """A running console, what is behind it, and its clock."""

    app: Any
    platform: Platform
    upstream: Upstream
    clock: Clock

    @asynccontextmanager
    async def browser(self, **headers: str) -> AsyncIterator[Browser]:
        transport = httpx2.ASGITransport(self.app, raise_app_exceptions=True)
        async with httpx2.AsyncClient(
            transport=transport, base_url=BASE, headers={"accept-language": "en", **headers}
        ) as http:
            yield Browser(http)

    @asynccontextmanager
    async def signed_in(self, role: Role, who: str | None = None) -> AsyncIterator[Browser]:
        """A browser of somebody of this role; `who` is the role's name where nothing is given."""
        name = who or role.value
        await self.account(name, role)
        async with self.browser() as browser:
            answer = await browser.sign_in(name)
            assert answer.status_code == 303, answer.text
            yield browser

    async def account(self, name: str, role: Role, tenant: str = TENANT) -> None:
        """An account with the password of all of them."""
        async with self.platform.engine.begin() as connection:
            await store.add(connection, Account(tenant, name, name, role, KEPT), self.clock())


@asynccontextmanager
async def running(
    platform: Platform,
    settings: Mapping[str, Any] | None = None,
    elsewhere: Callable[[Clock], Flow] | None = None,
) -> AsyncIterator[World]:
    """The console, started.

    Args:
        elsewhere: makes the way in through an identity provider.
    """
    clock, upstream = Clock(), Upstream()
    transport = httpx2.MockTransport(upstream.handle)
    clients = {
        name: httpx2.AsyncClient(transport=transport, base_url=f"http://{name}.test")
        for name in SERVICES
    }
    signer = Signer("console-test", Ed25519PrivateKey.from_private_bytes(bytes(32)))
    services = Services(clients, Credentials({TENANT: API_KEY}, signer, clock))
    given = WebSettings(**{"secure_cookies": False, **(settings or {})})
    service = main.wired(platform, given, services, elsewhere and elsewhere(clock), clock)
    app = build_app(platform, [service], [], "console")
    assert service.stop is not None
    try:
        yield World(app, platform, upstream, clock)
    finally:
        await service.stop()
