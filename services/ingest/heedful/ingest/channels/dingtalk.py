"""DingTalk robot (钉钉, HTTP): what people write to a robot, sent to a URL

DingTalk sends what a robot of your organisation hears to a URL ("HTTP模式"). Where nothing may be
reached from outside, or a signature over the body is wanted, use the channel `dingtalk_stream`.

## At DingTalk

1. 开发者后台 ([open-dev.dingtalk.com](https://open-dev.dingtalk.com)) → 应用开发 → 创建应用.
2. 应用信息: the Client Secret (原 AppSecret) is the connection's secret.
3. 机器人与消息推送 → 机器人配置: 消息接收模式 HTTP模式, 消息接收地址 the connection's URL, 发布.
   Only a published version sends `senderStaffId`, by which colleagues are known.
4. Put the robot into the groups. In a group it hears what is said to it with @, alone with
   somebody everything.

## What is read

- Texts, rich texts (their words) and voice messages (what DingTalk understood, `recognition`)
  become feedback of the channel `chat`; its id is `msgId`, its conversation `conversationId`, its
  identifier the `senderId` (type `external`).
- A picture, video or file, or what the robot may not hear, has no words here: it becomes a contact
  by the customer with `message_type` in its attributes.
- Who is a customer: whoever has no `senderStaffId`, which people of your own organisation have.
  What a colleague says to the robot is said to no customer and not recorded. With
  `colleagues: customers` colleagues are customers; set it also to try the connection from your own
  account.
- `customer_chats` names the `conversationId` of the groups in which customers speak; others are
  not recorded.
- `notes_command`, e.g. `/voc`: a colleague's message that begins with it is an employee's note
  (channel `employee`, attribute `reported_by`), not a customer's voice. `speaker: employee` makes
  every message one.

Not read: what pictures and files hold, quoted messages, DingTalk's events and card callbacks. An
agent's answer in the group is not said to the robot, so it is not heard and stops no respond clock:
say in the case that the customer was answered.

## What is proven

`sign` is base64 of HMAC-SHA256 over `timestamp`, a line break and the Client Secret, keyed with the
Client Secret. **It does not cover the body.** Whoever gets hold of one request's headers can send
other bodies with them until the time has run out, and that cannot be noticed. DingTalk says that
times more than one hour off must be refused; here it is five minutes, for that reason. A request
that is sent again is the same item by its `msgId`; with other words under the same `msgId` it is a
conflict and goes to quarantine. Use HTTPS, and allow only DingTalk's addresses where you can.

DingTalk does not say that it sends a message again which was not taken.

Pages: [接收消息](https://open.dingtalk.com/document/orgapp/receive-message),
[接收的消息类型](https://open-dingtalk.github.io/developerpedia/docs/learn/bot/message).

## Example

```bash
STAMP=$(date +%s)000; ID=msg$(openssl rand -hex 12)
SIGN=$(printf '%s\\n%s' "$STAMP" "$APP_SECRET" \\
  | openssl dgst -sha256 -hmac "$APP_SECRET" -binary | openssl base64 -A)
BODY='{"conversationId":"cidAsXSBLnA==","chatbotCorpId":"ding9f50b15bccd16741","chatbotUserId":"$:LWCP_v1:$25jBd/IW606RTMrG","msgId":"'$ID'","senderNick":"王女士","isAdmin":false,"createAt":'$STAMP',"conversationType":"2","senderId":"$:LWCP_v1:$+PxJZVhRkpC139mPH6L7aw==","conversationTitle":"门店服务群","isInAtList":true,"robotCode":"dingphtembyvlbeq2y4d","msgtype":"text","text":{"content":"上周买的空气净化器噪音很大，晚上没法睡"}}'
curl -sS -X POST "$URL" -H 'content-type: application/json; charset=utf-8' \\
  -H "timestamp: $STAMP" -H "sign: $SIGN" --data-binary "$BODY"
```
"""

import base64
from datetime import timedelta

from pydantic import Field, SecretStr

from heedful.ingest.channels import (
    Answer,
    ChannelRequest,
    Configured,
    Parsed,
    Unverified,
    dingtalk_message,
    proof,
)
from heedful.ingest.channels.chat import ChatOptions

# A robot would say any other answer in the chat.
_TAKEN = Answer(body=b"{}", media="application/json")


class Secrets(Configured):
    app_secret: SecretStr = Field(
        min_length=16,
        description="应用信息 → Client Secret (原 AppSecret) of the robot's application.",
        examples=["gWs8GFmPZzZmCMeRtbLKaCzor8tzJoyp4QKogD5WOVFt2Dk7UK"],
    )


class Options(ChatOptions):
    """As of any chat."""


class DingTalk:
    """Messages to a robot in HTTP mode."""

    name = "dingtalk"
    version = "1"
    experimental = False
    secrets = Secrets
    options = Options

    def verify(self, request: ChannelRequest, secrets: Secrets) -> ChannelRequest:
        stamp = proof.header(request, "timestamp")
        given = proof.header(request, "sign")
        key = secrets.app_secret.get_secret_value().encode()
        signed = stamp.encode("utf-8", "surrogatepass") + b"\n" + key
        wanted = base64.b64encode(proof.hmac_sha256(key, signed)).decode()
        if not proof.same(given, wanted):
            raise Unverified("sign does not fit the timestamp; is the Client Secret right?")
        proof.fresh(stamp, request.received_at, unit=timedelta(milliseconds=1))
        return request

    def parse(self, request: ChannelRequest, options: Options) -> Parsed:
        return Parsed(dingtalk_message.items(request.body, options), answer=_TAKEN)
