"""Reading what a DingTalk robot hears; the same in both modes.

https://open.dingtalk.com/document/orgapp/receive-message
https://open-dingtalk.github.io/developerpedia/docs/learn/bot/message
"""

from collections.abc import Sequence
from datetime import timedelta

from heedful.common.contracts import IdentifierType
from heedful.ingest.channels import Draft, Failed, Taken, chat
from heedful.ingest.channels.chat import ChatOptions, Party, Place, Said
from heedful.ingest.channels.reading import Node, json_body

_MILLISECOND = timedelta(milliseconds=1)
_ALONE = "1"


def items(body: bytes, options: ChatOptions) -> Sequence[Draft | Failed]:
    """What a message of a robot becomes.

    Raises:
        Malformed: not the documented shape.
    """
    return chat.drafts(said(json_body(body), body), options)


def said(message: Node, raw: bytes) -> Said:
    """
    Raises:
        Malformed: not the documented shape.
    """
    form, conversation = message.at("msgtype"), message.at("conversationId")
    kind = form.needed(form.text())
    staff = message.at("senderStaffId")
    sent = message.at("createAt")
    return Said(
        id=message.at("msgId").needed(message.at("msgId").text()),
        at=sent.taken(sent.unix_time(_MILLISECOND)),
        chat=conversation.needed(conversation.text()),
        place=Place.ALONE if message.at("conversationType").text() == _ALONE else Place.GROUP,
        form=kind,
        words=_words(kind.value, message),
        # Only people of the robot's own organisation have a staff id.
        party=Party.CUSTOMER if staff.text() is None else Party.COLLEAGUE,
        identities=_identities(message),
        staff_id=staff.taken(staff.text()) or _sender(message),
        # In a group it hears only what is said to it.
        aside=True,
        raw=raw,
    )


def _identities(message: Node) -> Taken | None:
    given = [message.at(name) for name in ("senderStaffId", "senderId")]
    found = [node for node in given if node.text()]
    listed = [{"type": IdentifierType.EXTERNAL.value, "value": node.text()} for node in found]
    return found[0].taken(listed) if found else None


def _sender(message: Node) -> Taken | None:
    return message.at("senderId").taken(message.at("senderId").text())


def _words(form: str, message: Node) -> Taken | None:
    """What was written, or what DingTalk understood of a voice message; None for what has no
    words, as a picture."""
    match form:
        case "text":
            place = message.at("text", "content")
            return place.taken(place.text())
        case "audio":
            place = message.at("content", "recognition")
            return place.taken(place.text())
        case "richText":
            place = message.at("content", "richText")
            return place.taken(_rich(place) or None)
        case _:
            return None


def _rich(parts: Node) -> str:
    """The texts in their order; a picture between two of them parts them."""
    lines = [""]
    for part in parts.each():
        text = part.at("text")
        if text.text() is not None:
            lines[-1] += str(text.value).replace("\x00", "")
        elif lines[-1]:
            lines.append("")
    return "\n".join(line.strip() for line in lines if line.strip())
