"""The frames of DingTalk's Stream protocol: what comes over the line, and what is answered. Pure.

https://open-dingtalk.github.io/developerpedia/docs/learn/stream/protocol
"""

from dataclasses import dataclass
from enum import StrEnum

import orjson

from heedful.ingest.channels import Malformed
from heedful.ingest.channels.reading import json_body

ROBOT_TOPIC = "/v1.0/im/bot/messages/get"
_JSON = "application/json"
_ANSWERED = orjson.dumps({"response": None}).decode()


class FrameType(StrEnum):
    SYSTEM = "SYSTEM"
    EVENT = "EVENT"
    CALLBACK = "CALLBACK"


@dataclass(frozen=True, slots=True)
class Frame:
    """
    Attributes:
        message_id: of this push; its answer carries it. None: it is not answered.
        data: JSON as text.
    """

    type: FrameType
    topic: str
    message_id: str | None
    data: str

    @property
    def is_ping(self) -> bool:
        return (self.type, self.topic) == (FrameType.SYSTEM, "ping")

    @property
    def is_disconnect(self) -> bool:
        """DingTalk will cut this line in ten seconds and sends nothing more over it."""
        return (self.type, self.topic) == (FrameType.SYSTEM, "disconnect")

    @property
    def is_robot_message(self) -> bool:
        return (self.type, self.topic) == (FrameType.CALLBACK, ROBOT_TOPIC)


def read(raw: bytes) -> Frame:
    """
    Raises:
        Malformed: not a frame.
    """
    body = json_body(raw)
    kind, headers = body.at("type").text(), body.at("headers")
    if kind not in set(FrameType):
        raise Malformed("the frame's type is none of SYSTEM, EVENT, CALLBACK")
    topic = headers.at("topic")
    return Frame(
        type=FrameType(kind),
        topic=topic.needed(topic.text()).value,
        message_id=headers.at("messageId").text(),
        data=body.at("data").text() or "",
    )


def pong(frame: Frame) -> str:
    """A ping is answered with its own data, which holds its `opaque`."""
    return _answer(frame, 200, "OK", frame.data)


def taken(frame: Frame) -> str:
    return _answer(frame, 200, "OK", _ANSWERED)


def refused(frame: Frame) -> str:
    """It will not be taken, however often it is sent."""
    return _answer(frame, 500, "internal error", _ANSWERED)


def unknown(frame: Frame) -> str:
    """Nobody here listens to this topic."""
    return _answer(frame, 404, "no such topic", _ANSWERED)


def _answer(frame: Frame, code: int, message: str, data: str) -> str:
    headers = {"contentType": _JSON, "messageId": frame.message_id}
    return orjson.dumps(
        {"code": code, "headers": headers, "message": message, "data": data}
    ).decode()
