"""DingTalk robot (钉钉, Stream): what people write to a robot, over a line that heedful opens

Nothing need be reachable from outside: heedful opens a WebSocket to DingTalk ("Stream模式"), over
which DingTalk sends. One replica at a time holds a connection's line; another takes over when it
stops.

## At DingTalk

1. 开发者后台 ([open-dev.dingtalk.com](https://open-dev.dingtalk.com)) → 应用开发 → 创建应用.
2. 应用信息: Client ID (原 AppKey) and Client Secret (原 AppSecret) are the connection's secrets.
3. 机器人与消息推送 → 机器人配置: 消息接收模式 Stream模式, then 发布. Only a published version sends
   `senderStaffId`, by which colleagues are known.
4. Let heedful reach `api.dingtalk.com` and `wss-open-connection.dingtalk.com`, port 443.
5. Put the robot into the groups. In a group it hears what is said to it with @, alone with
   somebody everything.

The application's line must be heedful's alone: DingTalk sends each message over one of an
application's lines, chosen at random, so a second program would take a part of the messages.

## What is read

Exactly what the channel `dingtalk` reads, with the same options; see there. Only the robot's topic
`/v1.0/im/bot/messages/get` is subscribed to. Events (`EVENT`) hold no customer's words, and a
subscription would take them away from the program that needs them.

## What is proven, and what can be lost

The line itself is the proof: heedful opens it over TLS with the Client Secret and a ticket that is
good once, for 90 seconds. Nothing can be posted to this channel's URL.

DingTalk sends a robot's message once ("fire-forgot", 协议描述 → 常见问题): it is not sent again,
whatever is answered. Therefore a message stays in heedful's memory and is given to the log again
and again until that has it; only then is it answered with code 200. Up to 16 MiB are kept; beyond
that the line is not read until there is room. A process that stops waits 20 seconds for them. Lost
is what was only in memory when a process dies (`heedful_ingest_line_lost_total` counts what a stop
loses), and what DingTalk sends while no line is open.

Before DingTalk cuts a line it says so (`disconnect`); the next line is open before the old one is
closed. A line over which nothing comes back is found by WebSocket pings every 30 seconds.

Pages: [协议描述](https://open-dingtalk.github.io/developerpedia/docs/learn/stream/protocol),
[Stream Mode 协议文档](https://open.dingtalk.com/document/direction/stream-mode-protocol-access-description),
[接收消息](https://open.dingtalk.com/document/orgapp/receive-message).

## Example

```bash
SECRETS='{"client_id":"'$CLIENT_ID'","client_secret":"'$CLIENT_SECRET'"}'
OPTIONS='{"notes_command":"/voc"}'
BODY='{"channel":"dingtalk_stream","name":"客服机器人","secrets":'$SECRETS',"options":'$OPTIONS'}'
curl -sS -X POST "$API/v1/connections" -H "X-API-Key: $KEY" \\
  -H 'content-type: application/json' --data-binary "$BODY"
```
"""

import asyncio
import dataclasses
import logging
from collections.abc import Callable
from datetime import UTC, datetime
from secrets import token_hex

import aiohttp
from pydantic import Field, SecretStr

from heedful.ingest.channels import (
    ChannelRequest,
    Configured,
    Deliver,
    Line,
    Malformed,
    Parsed,
    Unverified,
    VendorFailure,
    dingtalk_line,
    dingtalk_message,
    proof,
)
from heedful.ingest.channels import dingtalk_frames as frames
from heedful.ingest.channels.chat import ChatOptions
from heedful.ingest.channels.dingtalk_frames import Frame
from heedful.ingest.channels.inflight import InFlight, Pause, Told

log = logging.getLogger(__name__)

# On what came over a line of this process; nobody else can know its value.
_MARK = "x-heedful-line"
_SEND_S = 10.0
_HEARTBEAT_S = 30.0

Socket = aiohttp.ClientWebSocketResponse


class Secrets(Configured):
    client_id: SecretStr = Field(
        min_length=1,
        description="应用信息 → Client ID (原 AppKey).",
        examples=["dingphtembyvlbeq2y4d"],
    )
    client_secret: SecretStr = Field(
        min_length=16,
        description="应用信息 → Client Secret (原 AppSecret).",
        examples=["gWs8GFmPZzZmCMeRtbLKaCzor8tzJoyp4QKogD5WOVFt2Dk7UK"],
    )


class Options(ChatOptions):
    """As of any chat."""


def _utc_now() -> datetime:
    return datetime.now(UTC)


class DingTalkStream:
    """Messages to a robot in Stream mode.

    Args:
        now: when a message came.
        pause: waits before a message is given to the log again.
        heartbeat_s: between two pings; a line is broken when no answer comes in half of it.
    """

    name = "dingtalk_stream"
    version = "1"
    experimental = False
    secrets = Secrets
    options = Options

    def __init__(
        self,
        *,
        now: Callable[[], datetime] = _utc_now,
        pause: Pause = asyncio.sleep,
        heartbeat_s: float = _HEARTBEAT_S,
    ) -> None:
        self._now = now
        self._pause = pause
        self._heartbeat_s = heartbeat_s
        self._mark = token_hex(32)

    def verify(self, request: ChannelRequest, secrets: Secrets) -> ChannelRequest:
        if not proof.same(request.headers.get(_MARK, ""), self._mark):
            raise Unverified(
                "nothing is posted to this channel: heedful listens to DingTalk over its own line"
            )
        headers = {name: value for name, value in request.headers.items() if name != _MARK}
        return dataclasses.replace(request, headers=headers)

    def parse(self, request: ChannelRequest, options: Options) -> Parsed:
        return Parsed(dingtalk_message.items(request.body, options))

    async def listen(
        self, line: Line, secrets: Secrets, options: Options, deliver: Deliver
    ) -> None:
        socket = await self._opened(line, secrets)
        try:
            async with InFlight(self.name, deliver, pause=self._pause) as in_flight:
                while True:
                    await self._read(socket, in_flight)
                    following = await self._opened(line, secrets)
                    await socket.close()
                    socket = following
        finally:
            await socket.close()

    async def _read(self, socket: Socket, in_flight: InFlight) -> None:
        """Until DingTalk says that it will cut the line.

        Raises:
            VendorFailure: the line broke.
        """
        async for message in socket:
            if message.type is aiohttp.WSMsgType.ERROR:
                break
            raw = message.data.encode() if isinstance(message.data, str) else bytes(message.data)
            try:
                frame = frames.read(raw)
            except Malformed as error:
                log.warning("a frame cannot be read", extra={"reason": str(error)})
                # As it is: what holds it is kept in quarantine.
                await in_flight.put(self._request(raw), _no_answer)
                continue
            if frame.is_disconnect:
                return
            await self._handle(frame, socket, in_flight)
        raise VendorFailure(f"DingTalk's line broke (WebSocket code {socket.close_code})")

    async def _handle(self, frame: Frame, socket: Socket, in_flight: InFlight) -> None:
        if frame.is_robot_message:
            request = self._request(frame.data.encode())
            await in_flight.put(request, _answering(socket, frame))
        elif frame.is_ping:
            await _send(socket, frames.pong(frame))
        elif frame.type is not frames.FrameType.SYSTEM:
            log.warning("a topic that is not subscribed to", extra={"frame": frame.type.value})
            await _send(socket, frames.unknown(frame))

    async def _opened(self, line: Line, secrets: Secrets) -> Socket:
        return await dingtalk_line.opened(
            line,
            secrets.client_id.get_secret_value(),
            secrets.client_secret.get_secret_value(),
            heartbeat_s=self._heartbeat_s,
        )

    def _request(self, body: bytes) -> ChannelRequest:
        """What the line brought; the line is its proof."""
        return ChannelRequest("STREAM", {}, {_MARK: self._mark}, body, self._now())


def _answering(socket: Socket, frame: Frame) -> Told:
    async def told(taken: bool) -> None:
        await _send(socket, frames.taken(frame) if taken else frames.refused(frame))

    return told


async def _no_answer(_taken: bool) -> None:
    """A frame without an id cannot be answered."""


async def _send(socket: Socket, answer: str) -> None:
    try:
        async with asyncio.timeout(_SEND_S):
            await socket.send_str(answer)
    except (aiohttp.ClientError, OSError, RuntimeError) as error:
        # The line broke, which its reader notices. DingTalk needs no answer to a robot's message.
        log.info("an answer was not sent", extra={"reason": type(error).__name__})
