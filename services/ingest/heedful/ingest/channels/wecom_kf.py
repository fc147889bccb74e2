"""企业微信 微信客服 (WeCom customer service): what customers write to your 客服账号 in WeChat

WeCom's callback only rings; the messages are then fetched with `kf/sync_msg`, in order, by a
cursor that is kept. WeCom gives out the last **three days**: what is older when heedful asks is
gone. So a connection that is disabled, or has a wrong secret, for longer than that loses messages.
A new connection begins with the last three days; what was said before it was made is history
(`backfill`): nobody is paged for it.

## Setting it up

In the management console (work.weixin.qq.com):

1. 应用管理: create or choose an app of your own (自建应用). Its Secret is `secret`; 我的企业 shows
   the 企业ID, which is `corp_id`. Add heedful's outgoing address to the app's 企业可信IP.
2. 微信客服 → 可调用接口的应用: choose that app. 微信客服 → 通过API管理微信客服账号: choose the
   accounts. The persons who answer must be within the app's 可见范围.
3. The app → 接收消息 → 设置API接收: the connection's URL, and the Token and EncodingAESKey that
   you gave this connection. When you save, WeCom asks the URL, and wants the answer in a second.

`open_kfids` names the accounts to read. Left empty, those that the app may manage are looked up
each time. Name them when there are many: a ring costs one call for each account. The account that
rang is asked first, with the ring's own Token, which WeCom allows more often. Without a ring
heedful asks every five minutes; so what was rung for comes five minutes late at most when the
process that heard the ring is killed before it has asked. WeCom limits how often that may be
(errcode 45009: heedful waits a minute).

## What becomes of it

- `text` of a customer (`origin` 3): feedback. So is a tap on an item of a menu that you sent;
  `menu_scores` gives it a CSAT score.
- `image`, `voice`, `video`, `file`, `location`, `link`, `business_card`, `miniprogram`,
  `channels_shop_product`, `channels_shop_order`, `merged_msg` and others of a customer: an inbound
  contact. They wrote, but not in words of their own. `media_id` is kept, and the title of a link,
  a product or a forwarded record; coordinates, addresses and what was forwarded are not.
- anything of a 接待人员 (`origin` 5): an outbound contact by a person, without the words. It
  fulfils the respond clock.
- `enter_session`: a browse, with its scene.
- `user_recall_msg`, `servicer_recall_msg`: an interaction that names the message. The words that
  were withdrawn stay: WeCom tells it afterwards.
- `msg_send_fail`, `servicer_status_change`, `session_status_change`,
  `reject_customer_msg_switch_change` and other events: nothing. They tell how the system works.

`external_userid` becomes the identifier `external`. What bots send through the API is not in
`sync_msg`, and neither is WeCom's own 满意度评价: only a menu that you send yourself comes back.
Voice has no words; there is no speech recognition here.

## What is proven

`msg_signature` covers timestamp, nonce and the encrypted message, which holds the corp id. The
plain `ToUserName` and `AgentID` beside it are not covered, and not read. A timestamp more than
five minutes away is refused.

Pages followed: [回调配置](https://developer.work.weixin.qq.com/document/path/90930),
[加解密方案说明](https://developer.work.weixin.qq.com/document/path/90968),
[接收消息和事件](https://developer.work.weixin.qq.com/document/path/94670),
[获取客服账号列表](https://developer.work.weixin.qq.com/document/path/94661).

## Example

WeCom's two calls, signed and encrypted as it does. It verifies the URL, which answers `heedful`;
and it rings, which answers `success`. Heedful then asks WeCom for the messages: that cannot be
shown without a corp of your own.

```bash
KEY=$(printf '%s=' "$ENCODING_AES_KEY" | openssl base64 -d -A | od -An -v -tx1 | tr -d ' \\n')
pack() { # 16 random bytes, the length, the message and the corp id, padded to 32 bytes
  python3 -c 'import os, sys
message, receiver = (text.encode() for text in sys.argv[1:])
plain = os.urandom(16) + len(message).to_bytes(4, "big") + message + receiver
count = 32 - len(plain) % 32
sys.stdout.buffer.write(plain + bytes([count]) * count)' "$1" "$CORP_ID"
}
seal() {
  pack "$1" | openssl enc -aes-256-cbc -nopad -K "$KEY" -iv "${KEY:0:32}" | openssl base64 -A
}
sign() { # SHA-1 over the sorted parts
  python3 -c 'import sys; sys.stdout.write("".join(sorted(sys.argv[1:])))' \\
    "$TOKEN" "$STAMP" "$NONCE" "$1" | openssl dgst -sha1 -binary | od -An -v -tx1 | tr -d ' \\n'
}
STAMP=$(date +%s); NONCE=$RANDOM$RANDOM
SEALED=$(seal heedful)
curl -sS -G "$URL" --data-urlencode "msg_signature=$(sign "$SEALED")" \\
  --data-urlencode "timestamp=$STAMP" --data-urlencode "nonce=$NONCE" \\
  --data-urlencode "echostr=$SEALED"
SEALED=$(seal "<xml><ToUserName><![CDATA[$CORP_ID]]></ToUserName><CreateTime>$STAMP</CreateTime>\\
<MsgType><![CDATA[event]]></MsgType><Event><![CDATA[kf_msg_or_event]]></Event>\\
<Token><![CDATA[ENCApHxnGDNAVNY4AaSJKj4Tb5mwsEMzxhFmHVGcra996NR]]></Token>\\
<OpenKfId><![CDATA[wkAJ2GCAAASSm4_FhToWMFea0xAFfd3Q]]></OpenKfId></xml>")
curl -sS "$URL?msg_signature=$(sign "$SEALED")&timestamp=$STAMP&nonce=$NONCE" \\
  -H 'content-type: text/xml' --data-binary "<xml><ToUserName><![CDATA[$CORP_ID]]></ToUserName>\\
<Encrypt><![CDATA[$SEALED]]></Encrypt><AgentID><![CDATA[1000002]]></AgentID></xml>"
```
"""

import dataclasses
from datetime import datetime, timedelta
from typing import Annotated

from pydantic import Field, SecretStr, StringConstraints

from heedful.ingest.channels import (
    Answer,
    ChannelRequest,
    Configured,
    Line,
    Malformed,
    Page,
    Parsed,
    VendorFailure,
    proof,
    shaped,
)
from heedful.ingest.channels.reading import Node
from heedful.ingest.channels.wechat_crypto import CallbackToken, EncodingAesKey, opened, signed
from heedful.ingest.channels.wechat_messages import MenuScores
from heedful.ingest.channels.wechat_xml import xml_fields
from heedful.ingest.channels.wecom_api import Credentials, Refused, WecomApi
from heedful.ingest.channels.wecom_kf_messages import drafts
from heedful.ingest.channels.wecom_kf_progress import MAX_ACCOUNTS, Accounts, Progress

_RING = "kf_msg_or_event"
_PAGE = 1000

AccountId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,64}$")]


class Secrets(Configured):
    corp_id: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9]{1,64}$")] = Field(
        description="我的企业 → 企业ID.", examples=["ww1436e0e65a779aee"]
    )
    secret: Annotated[SecretStr, shaped(r"\S{1,128}", "the app's Secret")] = Field(
        description="The Secret of the app that may read 微信客服.",
        examples=["Gx7vNqT2LwRkYbZc5mHdJf8PsA3eUo9iXt1KrVyB6Qg"],
    )
    token: CallbackToken = Field(
        description="设置API接收 → Token.", examples=["hJqcu3uJ9Tn2gXPmxx2w9kkCkCE2EPYo"]
    )
    encoding_aes_key: EncodingAesKey = Field(
        description="设置API接收 → EncodingAESKey.",
        examples=["6qkdMrq68nTKduznJYO1A37W2oEgpkMUvkttRToqhUt"],
    )


class Options(MenuScores):
    open_kfids: tuple[AccountId, ...] = Field(
        default=(),
        max_length=MAX_ACCOUNTS,
        description="The 客服账号 to read; empty for all that the app may manage.",
    )


class Rung(Configured):
    """What a callback says of the account that it rings for."""

    open_kfid: str = ""
    token: str = ""

    @classmethod
    def read(cls, hint: str | None) -> "Rung":
        return cls() if hint is None else cls.model_validate_json(hint)


class WecomKf:
    """回调配置, 加解密方案说明, 接收消息和事件."""

    name = "wecom_kf"
    version = "1"
    experimental = False
    secrets = Secrets
    options = Options
    every = timedelta(minutes=5)

    def __init__(self) -> None:
        self._api = WecomApi()
        self._accounts = Accounts(self._api)

    def verify(self, request: ChannelRequest, secrets: Secrets) -> ChannelRequest:
        """The body is the decrypted message, or the decrypted text to echo."""
        if request.method == "GET":
            sealed = proof.parameter(request, "echostr")
        else:
            encrypt = xml_fields(request.body).at("Encrypt")
            sealed = str(encrypt.needed(encrypt.text()).value)
        signed(request, "msg_signature", secrets.token, sealed)
        message = opened(sealed, secrets.encoding_aes_key, secrets.corp_id)
        return dataclasses.replace(request, body=message)

    def parse(self, request: ChannelRequest, options: Options) -> Parsed:
        if request.method == "GET":
            return Parsed(answer=Answer(body=request.body))
        message = xml_fields(request.body)
        rung = message.at("MsgType").text() == "event" and message.at("Event").text() == _RING
        return Parsed(
            answer=Answer(body=b"success"), ring=rung, hint=_hint(message) if rung else None
        )

    async def fetch(
        self, line: Line, secrets: Secrets, options: Options, cursor: str | None, now: datetime
    ) -> Page:
        """One page of one account; `more` until every account was asked to its end."""
        credentials = Credentials(secrets.corp_id, secrets.secret.get_secret_value())
        progress = await self._accounts.to_ask(
            line, credentials, options.open_kfids, Progress.read(cursor), now
        )
        rung = Rung.read(line.hint)
        progress = progress.first(rung.open_kfid)
        account = progress.waiting[0]
        begin = progress.reached.get(account)
        asked = {"open_kfid": account, "limit": _PAGE} | ({"cursor": begin} if begin else {})
        if account == rung.open_kfid:
            asked["token"] = rung.token
        try:
            answer = await self._api.ask(line, credentials, "/cgi-bin/kf/sync_msg", asked, now)
        except Refused as refusal:
            if not refusal.whole_app:
                self._accounts.put_aside(line, account, now)
            raise
        try:
            items = drafts(answer, options)
            end = answer.at("next_cursor").text() or begin
            unread = answer.at("has_more").number() == 1
        except Malformed as error:
            raise VendorFailure(f"kf/sync_msg was answered in another shape: {error}") from error
        reached = progress.after(account, end, unread=unread)
        return Page(items, reached.model_dump_json(), more=bool(reached.waiting))


def _hint(message: Node) -> str | None:
    """`Token` lets sync_msg be called more often for ten minutes, says its page."""
    account, token = message.at("OpenKfId").text(), message.at("Token").text()
    if account is None or token is None:
        return None
    return Rung(open_kfid=account, token=token).model_dump_json()
