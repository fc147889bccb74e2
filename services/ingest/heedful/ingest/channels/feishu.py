"""Feishu (飞书/Lark): what customers write to a robot, in groups and at the service desk

Feishu sends what a robot hears to a URL ("将事件发送至开发者服务器").

## At Feishu

1. 开发者后台 ([open.feishu.cn/app](https://open.feishu.cn/app); of Lark the Developer Console):
   创建企业自建应用, then 添加应用能力 → 机器人.
2. 权限管理: 读取用户发给机器人的单聊消息 (`im:message.p2p_msg:readonly`) and
   接收群聊中@机器人消息事件 (`im:message.group_at_msg:readonly`). To hear what is said without @,
   and to see that an agent answered, also 获取群组中所有消息 (`im:message.group_msg`).
3. 事件与回调 → 加密策略: set an Encrypt Key; it and the Verification Token are the connection's
   secrets.
4. 事件与回调 → 事件配置 → 订阅方式 → 将事件发送至开发者服务器: the connection's URL as
   请求地址. Feishu sends a challenge at once, which is answered.
5. 添加事件: 接收消息 v2.0 (`im.message.receive_v1`); not the 1.0 event of the same name.
6. 版本管理与发布 → 创建版本, and put the robot into the customers' groups.
7. For a 服务台 (helpdesk): 权限 获取服务台资源详情 (`helpdesk:all:readonly`), 添加事件 工单消息事件
   (`helpdesk.ticket_message.created_v1`), and subscribe once through
   [订阅服务台事件](https://open.feishu.cn/document/uAjLw4CM/ukTMukTMukTM/helpdesk-v1/event/subscribe).

## What is read

- A message to the robot, or in a group where it is: texts and rich texts (post) become feedback of
  the channel `chat`; its id is `message_id`, its conversation the chat, its identifiers the
  sender's union id and open id (type `external`). Who is called with @ at the beginning is left
  out.
- A picture, file, voice message, sticker, card, place or forwarded chat has no words here: it
  becomes a contact by the customer with `message_type` in its attributes.
- Who is a customer: whoever is of another tenant than the app (`sender.tenant_key`). What a
  colleague says in a group becomes an outbound contact by a human, without its words; that stops
  the respond clock of the conversation. Not recorded is a colleague who calls with @ only the
  robot or colleagues, or is alone with the robot. With `colleagues: customers` colleagues are
  customers, as at an inner service desk; set it also to try the connection from your own account.
- `customer_chats` names the groups in which customers speak; others are not recorded.
- `notes_command`, e.g. `/voc`: a colleague's message that begins with it is an employee's note
  (channel `employee`, attribute `reported_by`), not a customer's voice. `speaker: employee` makes
  every message one.
- A message in a ticket of the helpdesk: a guest's is feedback of the channel `ticket`, an agent's
  or robot's an outbound contact. Its conversation is the ticket.

Not read: other events (answered and dropped), edited and recalled messages, what pictures and files
hold. The event `message` of schema 1.0 goes to quarantine with the advice to subscribe to
`im.message.receive_v1`.

## What is proven

With an Encrypt Key the body is encrypted (AES-256-CBC) and `X-Lark-Signature` covers timestamp,
nonce and body; a body that is not encrypted is refused. Feishu sends an event that was not answered
again for about 7.1 hours and does not say whether it signs it anew, so times up to 7.5 hours off
are taken; a request that is sent again is the same item, by its id. The challenge is not signed; it
is answered only when it opens with the key and holds the Verification Token.

Without an Encrypt Key only the Verification Token inside the body proves it: whoever has seen one
request can write others. Use it for trials.

Pages: [将事件发送至开发者服务器](https://open.feishu.cn/document/ukTMukTMukTM/uYDNxYjL2QTM24iN0EjN/event-subscription-configure-/choose-a-subscription-mode/send-notifications-to-developers-server),
[接收事件](https://open.feishu.cn/document/ukTMukTMukTM/uYDNxYjL2QTM24iN0EjN/event-subscription-configure-/encrypt-key-encryption-configuration-case),
[接收消息](https://open.feishu.cn/document/uAjLw4CM/ukTMukTMukTM/reference/im-v1/message/events/receive),
[接收消息内容结构](https://open.feishu.cn/document/uAjLw4CM/ukTMukTMukTM/im-v1/message/events/message_content),
[工单消息事件](https://open.feishu.cn/document/uAjLw4CM/ukTMukTMukTM/helpdesk-v1/ticket_message/events/created).

## Example

```bash
STAMP=$(date +%s); NONCE=$(openssl rand -hex 8); ID=$(openssl rand -hex 16)
HEADER='{"event_id":"'$ID'","event_type":"im.message.receive_v1","create_time":"'$STAMP'000","token":"'$VERIFICATION_TOKEN'","app_id":"cli_9f5343c580712544","tenant_key":"2ca1d211f64f6438"}'
SENDER='{"sender_id":{"union_id":"on_8ed6aa67826108097d9ee143816345","open_id":"ou_84aad35d084aa403a838cf73ee18467"},"sender_type":"user","tenant_key":"736588c9260f175e"}'
MESSAGE='{"message_id":"om_'$ID'","create_time":"'$STAMP'000","chat_id":"oc_5ce6d572455d361153b7xx51da133945","chat_type":"group","message_type":"text","content":"{\\"text\\":\\"充电桩又断电了，今天已经第三次\\"}"}'
BODY='{"schema":"2.0","header":'$HEADER',"event":{"sender":'$SENDER',"message":'$MESSAGE'}}'
if [ -n "${ENCRYPT_KEY:-}" ]; then
  AES=$(printf %s "$ENCRYPT_KEY" | openssl dgst -sha256 -r | cut -d' ' -f1)
  IV=$(openssl rand -hex 16)
  SEALED=$(printf %s "$BODY" | openssl enc -aes-256-cbc -K "$AES" -iv "$IV" | od -An -v -tx1)
  SEALED=$(printf %s "$IV$SEALED" | tr -d ' \\n' \\
    | python3 -c 'import base64; print(base64.b64encode(bytes.fromhex(input())).decode())')
  BODY='{"encrypt":"'$SEALED'"}'
fi
SIGNATURE=$(printf %s "$STAMP$NONCE${ENCRYPT_KEY:-}$BODY" | openssl dgst -sha256 -r | cut -d' ' -f1)
curl -sS -X POST "$URL" -H 'content-type: application/json' \\
  -H "X-Lark-Request-Timestamp: $STAMP" -H "X-Lark-Request-Nonce: $NONCE" \\
  -H "X-Lark-Signature: $SIGNATURE" --data-binary "$BODY"
```
"""

import dataclasses

import orjson
from pydantic import Field, SecretStr

from heedful.ingest.channels import (
    Answer,
    ChannelRequest,
    Configured,
    Failed,
    Malformed,
    Parsed,
    Unverified,
    chat,
    feishu_message,
    feishu_proof,
    proof,
)
from heedful.ingest.channels.chat import ChatOptions, Said
from heedful.ingest.channels.reading import Node, json_body

_MEDIA = "application/json"
_TAKEN = Answer(body=b"{}", media=_MEDIA)
_CHALLENGE = "url_verification"
_OLD_MESSAGE = (
    "event.type is message: a message of schema 1.0, which is not read; subscribe the app to"
    " 接收消息 v2.0 (im.message.receive_v1)"
)


class Secrets(Configured):
    verification_token: SecretStr = Field(
        min_length=1,
        description="事件与回调 → 加密策略 → Verification Token.",
        examples=["rvaYgkND1GOiu5MM0E1rncYC6PLtF7JV"],
    )
    encrypt_key: SecretStr | None = Field(
        default=None,
        min_length=1,
        description="事件与回调 → 加密策略 → Encrypt Key; without one, whoever has seen a request"
        " can write others.",
        examples=["kudryavka-2ea1c5f0b7d94c6e"],
    )


class Options(ChatOptions):
    """As of any chat."""


class Feishu:
    """Events of schema 2.0, sent to a URL."""

    name = "feishu"
    version = "1"
    experimental = False
    secrets = Secrets
    options = Options

    def verify(self, request: ChannelRequest, secrets: Secrets) -> ChannelRequest:
        key = secrets.encrypt_key
        opened = _plain(request) if key is None else _unsealed(request, key.get_secret_value())
        body = json_body(opened.body)
        given = body.at("header", "token").text() or body.at("token").text() or ""
        if not proof.same(given, secrets.verification_token.get_secret_value()):
            raise Unverified("the token of the event is not the connection's Verification Token")
        if key is None and not _is_challenge(body):
            stamp = body.at("header", "create_time").text() or body.at("ts").text()
            feishu_proof.recent(stamp or "", request.received_at)
        return opened

    def parse(self, request: ChannelRequest, options: Options) -> Parsed:
        body = json_body(request.body)
        if _is_challenge(body):
            challenge = body.at("challenge")
            echoed = {"challenge": challenge.needed(challenge.text()).value}
            return Parsed(answer=Answer(body=orjson.dumps(echoed), media=_MEDIA))
        if body.at("schema").missing and body.at("event", "type").text() == "message":
            return Parsed([Failed(request.body, _OLD_MESSAGE)], answer=_TAKEN)
        said = _said(body, request.body)
        return Parsed([] if said is None else chat.drafts(said, options), answer=_TAKEN)


def _said(body: Node, raw: bytes) -> Said | None:
    header, event = body.at("header"), body.at("event")
    match header.at("event_type").text():
        case "im.message.receive_v1":
            return feishu_message.message(event, header.at("tenant_key").text(), raw)
        case "helpdesk.ticket_message.created_v1":
            return feishu_message.ticket_message(event, header.at("create_time"), raw)
        case _:
            return None


def _is_challenge(body: Node) -> bool:
    return body.at("type").text() == _CHALLENGE


def _plain(request: ChannelRequest) -> ChannelRequest:
    if not json_body(request.body).at("encrypt").missing:
        raise Unverified(
            "the event is encrypted and the connection has no encrypt_key; give it the Encrypt Key"
        )
    return request


def _unsealed(request: ChannelRequest, key: str) -> ChannelRequest:
    sealed = json_body(request.body).at("encrypt").text()
    if sealed is None:
        raise Unverified("the event is not encrypted, but the connection has an Encrypt Key")
    if feishu_proof.SIGNATURE.lower() in request.headers:
        feishu_proof.signed(request, key)
        body = feishu_proof.opened(sealed, key)
    else:
        body = _challenge(sealed, key)
    return dataclasses.replace(request, body=body)


def _challenge(sealed: str, key: str) -> bytes:
    """The challenge inside, which Feishu does not sign ("不包括请求网址校验").

    Raises:
        Unverified: it is not one; always the same words, so that nobody learns from them how far a
            forged body got (a padding oracle).
    """
    try:
        body = feishu_proof.opened(sealed, key)
        if _is_challenge(json_body(body)):
            return body
    except (Unverified, Malformed):
        pass
    raise Unverified(
        f"the header {feishu_proof.SIGNATURE} is missing, and it is no challenge that opens with"
        " the connection's Encrypt Key"
    )
