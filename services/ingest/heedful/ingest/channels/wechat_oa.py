"""微信公众号 (WeChat Official Account): what followers write to a 公众号 or 服务号

WeChat posts each message and event. It waits five seconds for an answer and posts three times; the
answer is always `success`, which says nothing to the customer. Messages are told apart by `MsgId`,
events by their account, sender, time, name and key, so one that comes again is a duplicate.

## Setting it up

On 微信开发者平台 (developers.weixin.qq.com/platform), 我的业务 → your account → 消息与事件推送:

1. URL: the connection's URL. Token and EncodingAESKey: those that you gave this connection.
2. 消息加解密方式: **安全模式**. 兼容模式 works as well; the plain part is not read.
3. When you save, WeChat asks the URL, which must answer with what it was given.

`app_id` is the AppID of the account. While this is in place, WeChat's own automatic answers are off
and every message comes here; heedful itself never writes to a customer.

**明文模式 is not safe**: its `signature` covers timestamp and nonce, but not the message. Whoever
sees one URL can post any words under it for five minutes. It is refused unless you set
`require_encrypted` to false. (It stands among the secrets because it decides what counts as proof.)

## What becomes of it

- `text`: feedback. So is a tap on an item of a menu message that you sent (`bizmsgmenuid`);
  `menu_scores` gives it a CSAT score.
- `voice` with `Recognition`: feedback with the recognised words. WeChat is ending its recognition;
  without it, a voice message is an inbound contact.
- `image`, `video`, `shortvideo`, `location`, `link`, `voice` and other types: an inbound contact.
  They wrote, but not in words of their own. `MediaId` is kept, and the title of a link; coordinates
  and addresses are not.
- `subscribe`, `unsubscribe`: an interaction `other`, with the scene that led to it. Leaving the
  account is not leaving the business, so it is no `churn`, unless you set `unsubscribe_kind`.
  WeChat asks that everything about a person who unsubscribes be deleted: that is
  `DELETE /v1/customers/{id}`, and heedful does not do it by itself.
- `SCAN`, `CLICK`, `VIEW`, `view_miniprogram`: a browse, with its `EventKey`.
- a sticker, which WeChat writes as 【收到不支持的消息类型，暂无法显示】: an inbound contact.
- other events (`LOCATION`, `TEMPLATESENDJOBFINISH`, `MASSSENDJOBFINISH`, `kf_create_session`, …):
  nothing.

`FromUserName` becomes the identifier `wechat_openid`. What your people answer does not pass through
this callback; post it to `/v1/interactions`, or the respond clock goes on.

## What is proven

`msg_signature` covers timestamp, nonce and the encrypted message, which holds the app id; nothing
else in the URL or beside `Encrypt` is covered or read. In the URL check, `signature` does not cover
`echostr`. A timestamp more than five minutes away is refused.

Pages followed:
[接收普通消息](https://developers.weixin.qq.com/doc/offiaccount/Message_Management/Receiving_standard_messages.html),
[接收事件推送](https://developers.weixin.qq.com/doc/offiaccount/Message_Management/Receiving_event_pushes.html),
[消息加解密说明](https://developers.weixin.qq.com/doc/subscription/guide/dev/push/encryption.html).
`bizmsgmenuid` is as wechatpy documents it (`send_menu`).

## Example

```bash
KEY=$(printf '%s=' "$ENCODING_AES_KEY" | openssl base64 -d -A | od -An -v -tx1 | tr -d ' \\n')
STAMP=$(date +%s); NONCE=$RANDOM$RANDOM
MESSAGE="<xml><ToUserName><![CDATA[gh_10f6c3c3ac5a]]></ToUserName>\\
<FromUserName><![CDATA[oyORnuP8q7ou2gfYjqLzSIWZf0rs]]></FromUserName>\\
<CreateTime>$STAMP</CreateTime><MsgType><![CDATA[text]]></MsgType>\\
<Content><![CDATA[预约了上午的安装，等到下午也没人来，电话还打不通]]></Content>\\
<MsgId>$STAMP$RANDOM</MsgId></xml>"
# 16 random bytes, the length, the message and the app id, padded to 32 bytes
SEALED=$(python3 -c 'import os, sys
message, receiver = (text.encode() for text in sys.argv[1:])
plain = os.urandom(16) + len(message).to_bytes(4, "big") + message + receiver
count = 32 - len(plain) % 32
sys.stdout.buffer.write(plain + bytes([count]) * count)' "$MESSAGE" "$APP_ID" \\
  | openssl enc -aes-256-cbc -nopad -K "$KEY" -iv "${KEY:0:32}" | openssl base64 -A)
SIGNATURE=$(python3 -c 'import sys; sys.stdout.write("".join(sorted(sys.argv[1:])))' \\
  "$TOKEN" "$STAMP" "$NONCE" "$SEALED" | openssl dgst -sha1 -binary | od -An -v -tx1 | tr -d ' \\n')
curl -sS "$URL?timestamp=$STAMP&nonce=$NONCE&encrypt_type=aes&msg_signature=$SIGNATURE" \\
  -H 'content-type: text/xml' --data-binary "<xml>\\
<ToUserName><![CDATA[gh_10f6c3c3ac5a]]></ToUserName><Encrypt><![CDATA[$SEALED]]></Encrypt></xml>"
```
"""

import dataclasses
import re
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from heedful.common.contracts import IdentifierType, InteractionKind
from heedful.ingest.channels import (
    Answer,
    ChannelRequest,
    Configured,
    Draft,
    Failed,
    Malformed,
    Parsed,
    Taken,
    Unverified,
)
from heedful.ingest.channels import wechat_messages as wechat
from heedful.ingest.channels.reading import Node
from heedful.ingest.channels.wechat_crypto import CallbackToken, EncodingAesKey, opened, signed
from heedful.ingest.channels.wechat_xml import xml_fields

_SUCCESS = Answer(body=b"success")
_ECHO = re.compile(r"[A-Za-z0-9+/=_.-]{1,512}")
_BROWSING = frozenset({"SCAN", "CLICK", "VIEW", "view_miniprogram"})
_QR_SCENE = "qrscene_"
_INSTEAD_OF_WORDS = frozenset(
    {
        "【收到不支持的消息类型，暂无法显示】",
        "【收到不支援的訊息類型，無法顯示】",
        "[Unsupported Message]",
    }
)
"""What WeChat writes in the place of a sticker, in the language of the account."""


class Secrets(Configured):
    app_id: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9]{1,64}$")] = Field(
        description="AppID of the account.", examples=["wx2c2769f8efd9abc2"]
    )
    token: CallbackToken = Field(description="消息与事件推送 → Token.", examples=["spamtest"])
    encoding_aes_key: EncodingAesKey = Field(
        description="消息与事件推送 → EncodingAESKey.",
        examples=["abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"],
    )
    require_encrypted: bool = Field(
        default=True,
        description="False takes 明文模式 as well, whose signature does not cover the message.",
    )


class Options(wechat.MenuScores):
    unsubscribe_kind: Literal[InteractionKind.OTHER, InteractionKind.CHURN] = Field(
        default=InteractionKind.OTHER,
        description="`churn` when a follower who leaves is a customer who leaves.",
    )


class WechatOa:
    """接收普通消息, 接收事件推送, 消息加解密说明."""

    name = "wechat_oa"
    version = "1"
    experimental = False
    secrets = Secrets
    options = Options

    def verify(self, request: ChannelRequest, secrets: Secrets) -> ChannelRequest:
        """The body is the decrypted message; a request to verify the URL stays as it is."""
        if request.method == "GET":
            signed(request, "signature", secrets.token)
            return request
        if request.query.get("encrypt_type") == "aes":
            encrypt = xml_fields(request.body).at("Encrypt")
            sealed = str(encrypt.needed(encrypt.text()).value)
            signed(request, "msg_signature", secrets.token, sealed)
            message = opened(sealed, secrets.encoding_aes_key, secrets.app_id)
            return dataclasses.replace(request, body=message)
        if secrets.require_encrypted:
            raise Unverified("the message is not encrypted: choose 安全模式 for 消息加解密方式")
        signed(request, "signature", secrets.token)
        return request

    def parse(self, request: ChannelRequest, options: Options) -> Parsed:
        """A message that cannot be read goes to quarantine and is answered with success all the
        same: WeChat tells the customer that the account is broken when it hears anything else."""
        if request.method == "GET":
            echo = request.query.get("echostr", "")
            if _ECHO.fullmatch(echo) is None:
                raise Malformed("echostr is not a short text of letters and digits")
            return Parsed(answer=Answer(body=echo.encode()))
        message = xml_fields(request.body)
        try:
            draft = _event(message, options) if _is_event(message) else _message(message, options)
        except Malformed as error:
            return Parsed(items=[Failed(request.body, str(error))], answer=_SUCCESS)
        return Parsed(items=[] if draft is None else [draft], answer=_SUCCESS)


def _is_event(message: Node) -> bool:
    kind = message.at("MsgType")
    return bool(kind.needed(kind.text()).value == "event")


def _message(message: Node, options: Options) -> Draft:
    """The customer's words, or that they sent something without words."""
    identity, kind, menu = message.at("MsgId"), message.at("MsgType"), message.at("bizmsgmenuid")
    told = _told(message, identity.needed(identity.text()))
    carried = wechat.attributes(
        {
            "account": message.at("ToUserName"),
            "message_type": kind,
            "media_id": message.at("MediaId"),
            "menu_id": menu,
            "article_id": message.at("MsgDataId"),
            "article_index": message.at("Idx"),
        }
    )
    text = wechat.words(message.at("Content")) or wechat.words(message.at("Recognition"))
    if text is not None and text.value not in _INSTEAD_OF_WORDS:
        return Draft.feedback(**told, text=text, score=options.score(menu), attributes=carried)
    return Draft.interaction(
        **told,
        **wechat.by_customer(InteractionKind.CONTACT),
        summary=wechat.summary(message.at("Title")),
        attributes=carried,
    )


def _event(message: Node, options: Options) -> Draft | None:
    """What the customer did that is no message; what the system tells is left out."""
    event, key = message.at("Event"), message.at("EventKey")
    name = event.text() or ""
    if name == "subscribe":
        kind = InteractionKind.OTHER
    elif name == "unsubscribe":
        kind = options.unsubscribe_kind
    elif name in _BROWSING:
        kind = InteractionKind.BROWSE
    else:
        return None
    scene = Node((key.text() or "").removeprefix(_QR_SCENE) or None, key.place)
    return Draft.interaction(
        **_told(message, _event_id(message)),
        **wechat.by_customer(kind),
        attributes=wechat.attributes(
            {"account": message.at("ToUserName"), "event": event, "event_key": scene}
        ),
    )


def _event_id(message: Node) -> Taken:
    """The page tells events apart by FromUserName and CreateTime; two within a second, by more."""
    parts = [
        message.at(name)
        for name in ("ToUserName", "FromUserName", "CreateTime", "Event", "EventKey")
    ]
    stamp = wechat.fingerprint(*(part.text() or "" for part in parts))
    return Taken(f"event-{stamp}", ", ".join(part.place for part in parts))


def _told(message: Node, identity: Taken) -> wechat.Fields:
    return wechat.told(
        identity,
        message.at("CreateTime"),
        message.at("ToUserName"),
        message.at("FromUserName"),
        IdentifierType.WECHAT_OPENID,
    )
