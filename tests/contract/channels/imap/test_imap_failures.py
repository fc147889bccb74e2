"""Servers that refuse, hang, break off or lie; what was read before stays read."""

import asyncio
import dataclasses
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from typing import Any

import pytest
from aiohttp import web

from heedful.ingest.channels import VendorFailure, imap_connection
from heedful.ingest.channels.imap import Imap, Secrets
from tests.contract.channels.harness import NOW
from tests.contract.channels.imap.server import Folder, MailServer
from tests.contract.channels.imap.world import Asked, asking, mail


@pytest.fixture
def server() -> MailServer:
    made = MailServer()
    for number in (1, 2, 3):
        made.inbox.put(mail(number), NOW)
    return made


async def failure(asked: Asked) -> VendorFailure:
    with pytest.raises(VendorFailure) as raised:
        await asked.page()
    said = str(raised.value)
    assert "Xq7" not in said
    assert "care@" not in said
    return raised.value


async def test_a_refused_login_waits_long_and_names_the_code(server: MailServer) -> None:
    async with asking(server, secrets=Secrets(password="another")) as asked:
        refused = await failure(asked)
    assert str(refused) == "the login was refused (AUTHENTICATIONFAILED)"
    assert refused.retry_after == timedelta(minutes=15)


async def test_a_folder_that_is_not_there(server: MailServer) -> None:
    async with asking(server, folder="Missing") as asked:
        assert "folder cannot be opened" in str(await failure(asked))


async def test_without_uidvalidity_nothing_is_read(server: MailServer) -> None:
    server.folders["INBOX"] = Folder(validity=None)
    async with asking(server) as asked:
        assert "UIDVALIDITY" in str(await failure(asked))


@pytest.mark.parametrize("command", ["CAPABILITY", "LOGIN", "EXAMINE", "SEARCH", "FETCH 1,2,3"])
async def test_a_server_that_breaks_off_is_asked_again(server: MailServer, command: str) -> None:
    server.drop_at = command
    async with asking(server) as asked:
        await failure(asked)
        server.drop_at = None
        assert await asked.all() == ["m1", "m2", "m3"]


async def test_what_was_read_before_it_broke_off_is_kept(server: MailServer) -> None:
    server.drop_at = "FETCH 3"
    async with asking(server) as asked:
        page = await asked.page()
        assert (len(page.items), page.more) == (2, True)
        await failure(asked)
        server.drop_at = None
        assert await asked.all() == ["m3"]


async def test_a_server_that_hangs_is_left(server: MailServer) -> None:
    server.hang_at = "EXAMINE"
    async with asking(server) as asked:
        asked.adapter = Imap(server.hung)
        await failure(asked)


async def test_a_mail_that_never_comes_does_not_hold_up_the_others(server: MailServer) -> None:
    server.hang_at = "FETCH 2 "
    async with asking(server) as asked:
        asked.adapter = Imap(server.hung)
        assert len((await asked.page()).items) == 1
        await failure(asked)
        await failure(asked)
        read = await asked.all()
    assert read == ["failed: the mail with UID 2 could not be fetched in time, 3 times", "m3"]


async def test_a_look_that_is_called_off_ends_its_connection(server: MailServer) -> None:
    server.hang_at = "SEARCH"
    async with asking(server) as asked:
        looking = asyncio.create_task(asked.page())
        await server.hanging.wait()
        looking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await looking


@pytest.mark.parametrize(
    ("command", "answer"),
    [
        ("SEARCH", b"* SEARCH one two\r\nTAG OK done\r\n"),
        ("SEARCH", b"* SEARCH 1 99999999999999999999999\r\nTAG OK done\r\n"),
        ("SEARCH", b"nonsense\r\n"),
        ("SEARCH", b"TAG BAD no\r\n"),
        ("FETCH 1,2,3", b"* 1 FETCH (UID x RFC822.SIZE)\r\nTAG OK\r\n"),
        ("FETCH 1,2,3", b"* 1 FETCH (UID 1 RFC822.SIZE {99999999999}\r\n"),
        ("FETCH 1 ", b"* 1 FETCH (UID 1 BODY[] NIL)\r\nTAG OK\r\n"),
        ("FETCH 1 ", b'* 1 FETCH (UID 1 BODY[] "")\r\nTAG OK\r\n'),
        ("FETCH 1 ", b"TAG NO later\r\n"),
        ("EXAMINE", b"* OK [UIDVALIDITY x] y\r\nTAG OK\r\n"),
        ("CAPABILITY", b"TAG NO\r\n"),
        ("ID", b"TAG BAD what\r\n"),
    ],
)
async def test_odd_answers_are_a_failure_or_passed_over(
    server: MailServer, command: str, answer: bytes
) -> None:
    server.answer_with[command] = answer
    async with asking(server) as asked:
        for _ in range(3):
            try:
                await asked.page()
            except VendorFailure:
                continue
        server.answer_with.clear()
        await asked.all()


async def test_a_line_without_end_is_not_read(
    server: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imap_connection, "MAX_LINE", 1000)
    server.answer_with["SEARCH"] = b"* SEARCH " + b"1 " * 5000 + b"\r\nTAG OK done\r\n"
    async with asking(server) as asked:
        assert "broke off" in str(await failure(asked))


async def test_private_addresses_need_the_operators_word(server: MailServer) -> None:
    async with asking(server, allow_private=False) as asked:
        assert "HEEDFUL_INGEST__ALLOW_PRIVATE_TARGETS" in str(await failure(asked))
    assert server.connections == 0


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"ca_certificate": None}, "certificate is not good"),
        ({"host": "127.0.0.1"}, "certificate is not good"),
        ({"host": "no-such-host.invalid"}, "no host has this name"),
        ({"host": "localhost", "port": 1}, "not reachable"),
        ({"ca_certificate": "no certificate"}, "not reachable"),
    ],
)
async def test_what_cannot_be_reached_says_why(
    server: MailServer, options: dict[str, Any], says: str
) -> None:
    async with asking(server, **options) as asked:
        assert says in str(await failure(asked))


CLIENT = Secrets(client_secret="cs")
OAUTH: dict[str, Any] = {
    "client_id": "app",
    "token_url": "https://login.vendor.example/token",
    "scope": "mail",
}


class TokenServer:
    """Gives `token`, and remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[dict[str, str]] = []
        self.answer: Callable[[], web.Response] = lambda: web.json_response(
            {"access_token": "token", "expires_in": 3600}
        )

    async def take(self, request: web.Request) -> web.Response:
        self.asked.append({name: str(value) for name, value in (await request.post()).items()})
        return self.answer()


@pytest.fixture
async def tokens() -> AsyncIterator[tuple[TokenServer, Callable[[str], str]]]:
    made = TokenServer()
    application = web.Application()
    application.router.add_post("/token", made.take)
    runner = web.AppRunner(application)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    yield made, lambda url: url.replace("https://login.vendor.example", f"http://127.0.0.1:{port}")
    await runner.cleanup()


Tokens = tuple[TokenServer, Callable[[str], str]]


@pytest.mark.parametrize("capability", ["AUTH=XOAUTH2", "AUTH=XOAUTH2 AUTH=OAUTHBEARER"])
async def test_an_access_token_opens_the_mailbox(
    server: MailServer, tokens: Tokens, capability: str
) -> None:
    given, base_url = tokens
    server.capabilities = f"IMAP4rev1 {capability}"
    async with asking(server, secrets=CLIENT, base_url=base_url, **OAUTH) as asked:
        assert len(await asked.all()) == 3
        await asked.all(NOW + timedelta(minutes=57))
        assert len(given.asked) == 1
        await asked.all(NOW + timedelta(minutes=59))
    assert given.asked[0] == {
        "grant_type": "client_credentials",
        "client_id": "app",
        "client_secret": "cs",
        "scope": "mail",
    }
    assert len(given.asked) == 2


async def test_a_refresh_token_is_shown_where_there_is_one(
    server: MailServer, tokens: Tokens
) -> None:
    given, base_url = tokens
    secrets = Secrets(client_secret="cs", refresh_token="rt")
    async with asking(server, secrets=secrets, base_url=base_url, **OAUTH) as asked:
        assert len(await asked.all()) == 3
    assert given.asked[0]["grant_type"] == "refresh_token"
    assert given.asked[0]["refresh_token"] == "rt"


async def test_a_refresh_token_that_replaces_the_one_of_before_is_kept_until_it_is_shown(
    server: MailServer, tokens: Tokens
) -> None:
    given, base_url = tokens
    given.answer = lambda: web.json_response(
        {"access_token": "token", "expires_in": 3600, "refresh_token": f"rt-{len(given.asked)}"}
    )
    secrets = Secrets(client_secret="cs", refresh_token="rt-0")
    kept: list[Any] = []

    async def keep(replaced: Any) -> None:
        kept.append(replaced)

    async with asking(server, secrets=secrets, base_url=base_url, **OAUTH) as asked:
        asked.line = dataclasses.replace(asked.line, keep=keep)
        await asked.page()
        await asked.page()
        # The connection has it now; its access token is good still.
        asked.secrets = kept[-1]
        await asked.page()
        await asked.page(NOW + timedelta(hours=2))
    assert [one.refresh_token.get_secret_value() for one in kept] == ["rt-1", "rt-1", "rt-2"]
    assert kept[0] == secrets.model_copy(update={"refresh_token": kept[0].refresh_token})
    assert [one["refresh_token"] for one in given.asked] == ["rt-0", "rt-1"]


async def test_a_new_refresh_token_that_could_not_be_kept_is_shown_all_the_same(
    server: MailServer, tokens: Tokens
) -> None:
    given, base_url = tokens
    given.answer = lambda: web.json_response(
        {"access_token": "token", "expires_in": 3600, "refresh_token": f"rt-{len(given.asked)}"}
    )

    async def away(replaced: Any) -> None:
        raise VendorFailure("the database is away")

    secrets = Secrets(client_secret="cs", refresh_token="rt-0")
    async with asking(server, secrets=secrets, base_url=base_url, **OAUTH) as asked:
        asked.line = dataclasses.replace(asked.line, keep=away)
        for later in (0, 2):
            with pytest.raises(VendorFailure, match="database"):
                await asked.page(NOW + timedelta(hours=later))
    assert [one["refresh_token"] for one in given.asked] == ["rt-0", "rt-1"]


async def test_a_refresh_token_that_cannot_be_stored_is_told(
    server: MailServer, tokens: Tokens
) -> None:
    given, base_url = tokens
    given.answer = lambda: web.json_response({"access_token": "token", "refresh_token": "r" * 4001})
    secrets = Secrets(client_secret="cs", refresh_token="rt")
    async with asking(server, secrets=secrets, base_url=base_url, **OAUTH) as asked:
        assert "4000 characters" in str(await failure(asked))


async def test_a_token_that_the_server_refuses_is_asked_for_anew(
    server: MailServer, tokens: Tokens
) -> None:
    given, base_url = tokens
    server.token = "a newer one"
    async with asking(server, secrets=CLIENT, base_url=base_url, **OAUTH) as asked:
        assert "login was refused" in str(await failure(asked))
        server.token = "token"
        assert len(await asked.all()) == 3
    assert len(given.asked) == 2


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (lambda: web.json_response({"error": "invalid_client"}, status=401), "invalid_client"),
        (lambda: web.json_response({"error": "no <b> code"}, status=400), "status 400"),
        (lambda: web.Response(text="oops", status=503), "status 503"),
        (lambda: web.Response(text="not json"), "status 200"),
        (lambda: web.json_response(["token"]), "status 200"),
        (lambda: web.json_response({"access_token": ""}), "status 200"),
    ],
)
async def test_no_token_no_mail(
    server: MailServer, tokens: Tokens, answer: Callable[[], web.Response], says: str
) -> None:
    given, base_url = tokens
    given.answer = answer
    async with asking(server, secrets=CLIENT, base_url=base_url, **OAUTH) as asked:
        refused = await failure(asked)
    assert says in str(refused)
    assert (refused.retry_after is not None) == (says != "status 503" and "200" not in says)


async def test_a_token_server_that_is_away(server: MailServer) -> None:
    away = "http://127.0.0.1:1/token"
    async with asking(server, secrets=CLIENT, base_url=lambda _: away, **OAUTH) as asked:
        assert "token server" in str(await failure(asked))


async def test_a_secret_without_its_client_says_what_is_missing(server: MailServer) -> None:
    async with asking(server, secrets=CLIENT) as asked:
        assert "client_id and token_url" in str(await failure(asked))
