r"""Mailbox (IMAP): the mails of a folder, fetched as they arrive

For mail that no server of yours can post. What a mail becomes is said at the channel
[email](email.md): a customer's mail is a feedback, a mail from `own_domains` a contact, automatic
mail nothing. A second connection to the folder of sent mails, with `own_domains`, brings the
answers of your people.

1. Switch IMAP on for the mailbox, and get what a program logs in with:
   - QQ 邮箱: **设置 > 账号 > POP3/IMAP/SMTP 服务 > 开启**, then **生成授权码**; host `imap.qq.com`,
     and the 授权码 is the password;
   - 网易邮箱 (163, 126): **设置 > POP3/SMTP/IMAP > 开启 IMAP/SMTP 服务**, then the **授权密码**;
     host `imap.163.com`;
   - 腾讯企业邮箱 `imap.exmail.qq.com`, 阿里企业邮箱 `imap.qiye.aliyun.com`: a client's password
     (**客户端专用密码**, **三方客户端安全密码**);
   - Gmail: an **app password**, or OAuth with `client_id`, `client_secret` and `refresh_token`,
     `token_url` `https://oauth2.googleapis.com/token`; host `imap.gmail.com`;
   - Microsoft 365: OAuth alone, with `client_id`, `client_secret`, `token_url`
     `https://login.microsoftonline.com/<tenant>/oauth2/v2.0/token` and `scope`
     `https://outlook.office365.com/.default`; for one person's mailbox also `refresh_token`; host
     `outlook.office365.com`.
2. Create the connection. Each minute the folder is looked at; what waits is fetched in batches.

- The connection is always TLS (`security`: from the first byte, or by STARTTLS), its certificate
  is checked. The host must have a public address, unless the operator allows private ones
  (`HEEDFUL_INGEST__ALLOW_PRIVATE_TARGETS`).
- Mails are never changed, moved or deleted, and stay unread unless `mark_seen` is set.
- Where reading stands is kept after the mails are in the log: UIDVALIDITY and UID of the folder.
  When UIDVALIDITY changes, reading goes on one day before the latest mail that was read; what is
  read twice has the same `Message-ID` and stays one item.
- The first look takes mails that arrived in the last `days_back` days. What was written before the
  connection was made is history (`backfill`): nobody is paged for it.
- A refresh token that the token server puts in the place of the one that it was shown (Microsoft
  does each time) is stored in its place, sealed as all secrets are.
- A mail of more than `max_mail_bytes`, or one that three times could not be fetched in time, goes
  to quarantine with its headers, and the next one is fetched.

It follows [RFC 9051](https://www.rfc-editor.org/rfc/rfc9051) (IMAP) as older servers speak it
([RFC 3501](https://www.rfc-editor.org/rfc/rfc3501)), OAUTHBEARER
([RFC 7628](https://www.rfc-editor.org/rfc/rfc7628)),
[XOAUTH2](https://developers.google.com/workspace/gmail/imap/xoauth2-protocol) and `ID`
([RFC 2971](https://www.rfc-editor.org/rfc/rfc2971)), without which NetEase opens no folder.

## Example

```bash
curl -sS -X POST "$API/v1/connections" -H "X-API-Key: $KEY" -H 'content-type: application/json' \
  --data-binary '{"channel": "imap", "name": "客服邮箱",
    "secrets": {"password": "'"$PASSWORD"'"},
    "options": {"host": "'"$HOST"'", "user": "'"$USER"'"}}'
```
"""

import asyncio
from collections.abc import Callable, Coroutine
from datetime import datetime, timedelta
from typing import Annotated, Literal, Self

from pydantic import Field, SecretStr, StringConstraints, model_validator

from heedful.ingest.channels import (
    ChannelRequest,
    Configured,
    Line,
    Page,
    Parsed,
    Unverified,
    VendorFailure,
)
from heedful.ingest.channels.imap_connection import Access, Server
from heedful.ingest.channels.imap_cursor import Cursor
from heedful.ingest.channels.imap_mailbox import Mailbox
from heedful.ingest.channels.imap_oauth import MAX_REFRESH_CHARS, Grant, Tokens
from heedful.ingest.channels.imap_reading import Plan, Reading, Stuck, until
from heedful.ingest.mail import MailOptions, drafts

_TOTAL_S = 30.0
"""For one page; a line gives a page 45 s, the log's part included."""

OneLine = Annotated[
    str, StringConstraints(min_length=1, max_length=255, pattern=r"^[^\x00-\x1f]+$")
]


class Secrets(Configured):
    password: SecretStr | None = Field(
        default=None,
        max_length=1000,
        description="Password, authorization code (授权码) or app password.",
        examples=["abcdefghijklmnop"],
    )
    client_secret: SecretStr | None = Field(
        default=None, max_length=1000, description="OAuth: of the client `client_id`."
    )
    refresh_token: SecretStr | None = Field(
        default=None,
        max_length=MAX_REFRESH_CHARS,
        description="OAuth: without it the client acts for itself (client credentials). "
        "Replaced by heedful where the token server gives another one.",
    )

    @model_validator(mode="after")
    def _one_way_in(self) -> Self:
        if (self.password is None) == (self.client_secret is None):
            raise ValueError("give either password or client_secret")
        return self


class Options(MailOptions):
    host: Annotated[
        str,
        StringConstraints(max_length=253, pattern=r"^[A-Za-z0-9]([A-Za-z0-9.:-]*[A-Za-z0-9])?$"),
    ] = Field(description="Name of the IMAP server.", examples=["imap.shop.example"])
    port: int = Field(default=993, ge=1, le=65535, description="993, or 143 with STARTTLS.")
    security: Literal["tls", "starttls"] = Field(
        default="tls", description="TLS from the first byte, or by STARTTLS."
    )
    ca_certificate: str | None = Field(
        default=None,
        max_length=20_000,
        description="PEM of the authority that signed the server's certificate, when no public "
        "one did.",
    )
    user: OneLine = Field(
        description="Name to log in with; mostly the address.", examples=["care@shop.example"]
    )
    folder: OneLine = Field(default="INBOX", description="Name of the folder, e.g. `已发送`.")
    days_back: int = Field(
        default=1, ge=0, le=3650, description="The first look takes mails of so many days."
    )
    batch: int = Field(default=50, ge=1, le=200, description="Most mails fetched at a time.")
    max_mail_bytes: int = Field(
        default=20 * 1024 * 1024,
        ge=1024,
        le=25 * 1024 * 1024,
        description="Larger mails go to quarantine with their headers.",
    )
    mark_seen: bool = Field(default=False, description="Fetched mails are marked as read.")
    client_id: OneLine | None = Field(default=None, description="OAuth: id of the client.")
    token_url: (
        Annotated[str, StringConstraints(max_length=1000, pattern=r"^https://[^\s]+$")] | None
    ) = Field(default=None, description="OAuth: where access tokens are given.")
    scope: OneLine | None = Field(default=None, description="OAuth: scope of the access token.")

    @model_validator(mode="after")
    def _all_of_oauth(self) -> Self:
        if (self.client_id is None) != (self.token_url is None):
            raise ValueError("client_id and token_url go together")
        return self


class Imap:
    """A folder of a mailbox."""

    name = "imap"
    version = "1"
    experimental = False
    secrets = Secrets
    options = Options
    every = timedelta(minutes=1)

    def __init__(
        self,
        patience: Callable[[], Coroutine[None, None, object]] = lambda: asyncio.sleep(_TOTAL_S),
    ) -> None:
        """`patience` returns when a look has taken too long."""
        self._patience = patience
        self._tokens = Tokens()
        self._stuck = Stuck()

    def verify(self, request: ChannelRequest, secrets: Secrets) -> ChannelRequest:
        raise Unverified("this channel is asked for its mails and takes no requests")

    def parse(self, request: ChannelRequest, options: Options) -> Parsed:
        return Parsed(drafts(request.body, options))

    async def fetch(
        self, line: Line, secrets: Secrets, options: Options, cursor: str | None, now: datetime
    ) -> Page:
        plan = Plan(
            access=await self._access(line, secrets, options, now),
            folder=options.folder,
            begin=Cursor.read(cursor),
            now=now,
            days_back=options.days_back,
            batch=options.batch,
            max_mail_bytes=options.max_mail_bytes,
            mark_seen=options.mark_seen,
            skipped=self._stuck.given_up(line.connection_id),
            mail=options,
        )
        reading = Reading(Mailbox(_server(line, options), options.max_mail_bytes), plan)
        failure = await until(reading, self._patience())
        self._stuck.note(line.connection_id, reading.under_way)
        if failure is not None and not reading.progressed:
            self._tokens.forget(line.connection_id)
            raise failure
        written = cursor if reading.cursor is None else reading.cursor.write()
        return Page(tuple(reading.items), written, more=reading.more)

    async def _access(
        self, line: Line, secrets: Secrets, options: Options, now: datetime
    ) -> Access:
        if secrets.password is not None:
            return Access(options.user, password=secrets.password.get_secret_value())
        if secrets.client_secret is None or options.client_id is None or options.token_url is None:
            raise VendorFailure("client_secret needs the options client_id and token_url")
        refresh = secrets.refresh_token
        grant = Grant(
            options.token_url,
            options.client_id,
            secrets.client_secret.get_secret_value(),
            None if refresh is None else refresh.get_secret_value(),
            options.scope,
        )

        async def keep(given: str) -> None:
            await line.keep(secrets.model_copy(update={"refresh_token": SecretStr(given)}))

        return Access(options.user, token=await self._tokens.token(line, grant, now, keep))


def _server(line: Line, options: Options) -> Server:
    return Server(
        options.host,
        options.port,
        options.security,
        options.ca_certificate,
        allow_private=line.allow_private,
    )
