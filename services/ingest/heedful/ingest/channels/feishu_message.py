"""Reading the events of Feishu that hold somebody's words.

https://open.feishu.cn/document/uAjLw4CM/ukTMukTMukTM/reference/im-v1/message/events/receive
https://open.feishu.cn/document/uAjLw4CM/ukTMukTMukTM/im-v1/message/events/message_content
https://open.feishu.cn/document/uAjLw4CM/ukTMukTMukTM/helpdesk-v1/ticket_message/events/created
"""

import re
from collections.abc import Mapping
from datetime import timedelta

from heedful.common.contracts import IdentifierType
from heedful.ingest.channels import Taken
from heedful.ingest.channels.chat import Party, Place, Said
from heedful.ingest.channels.reading import Node, json_body

_MILLISECOND = timedelta(milliseconds=1)
_MENTION = re.compile(r"@_(?:user_\d+|all)")
_LEADING_MENTIONS = re.compile(rf"^(?:\s*{_MENTION.pattern})+\s*")
# "sender type, 1 for bot, 2 for guest, 3 for agent"
_DESK_PARTIES = {"1": Party.BOT, "2": Party.CUSTOMER, "3": Party.AGENT}


def message(event: Node, own_tenant: str | None, raw: bytes) -> Said:
    """An `im.message.receive_v1`.

    Args:
        event: its part `event`.
        own_tenant: tenant of the app.

    Raises:
        Malformed: not the documented shape.
    """
    sender, sent = event.at("sender"), event.at("message")
    chat, form = sent.at("chat_id"), sent.at("message_type")
    kind = form.needed(form.text())
    return Said(
        id=sent.at("message_id").needed(sent.at("message_id").text()),
        at=_time(sent.at("create_time")),
        chat=chat.needed(chat.text()),
        place=Place.ALONE if sent.at("chat_type").text() == "p2p" else Place.GROUP,
        form=kind,
        words=_words(kind.value, sent),
        party=_party(sender, own_tenant),
        identities=_identities(sender.at("sender_id")),
        staff_id=_staff_id(sender.at("sender_id")),
        aside=_calls_only(own_tenant, sent.at("mentions")),
        raw=raw,
    )


def ticket_message(event: Node, created: Node, raw: bytes) -> Said:
    """A `helpdesk.ticket_message.created_v1`, which has no time but that of the event.

    Raises:
        Malformed: not the documented shape.
    """
    ticket, form, text = event.at("ticket", "ticket_id"), event.at("msg_type"), event.at("text")
    who = event.at("sender_type")
    return Said(
        id=event.at("ticket_message_id").needed(event.at("ticket_message_id").text()),
        at=_time(created),
        chat=ticket.needed(ticket.text()),
        place=Place.TICKET,
        form=form.needed(form.text()),
        words=text.taken(text.text()),
        party=_DESK_PARTIES.get(who.needed(who.text()).value, Party.BOT),
        identities=_identities(event.at("sender_id")),
        staff_id=_staff_id(event.at("sender_id")),
        aside=False,
        raw=raw,
    )


def _party(sender: Node, own_tenant: str | None) -> Party:
    if sender.at("sender_type").text() not in ("user", None):
        return Party.BOT
    tenant = sender.at("tenant_key").text()
    return Party.COLLEAGUE if tenant is not None and tenant == own_tenant else Party.CUSTOMER


def _calls_only(own_tenant: str | None, mentions: Node) -> bool:
    """Somebody is called with @, and all of them are of the own tenant: its robot or colleagues."""
    called = [each.at("tenant_key").text() for each in mentions.each()]
    return bool(called) and set(called) == {own_tenant}


def _identities(ids: Node) -> Taken | None:
    """The union id is one in all of a developer's apps, the open id only in this one."""
    found = [ids.at(name).text() for name in ("union_id", "open_id")]
    listed = [{"type": IdentifierType.EXTERNAL.value, "value": value} for value in found if value]
    return ids.taken(listed or None)


def _staff_id(ids: Node) -> Taken | None:
    """The user id is the one that the organisation gave; it is sent only with a permission."""
    found = (ids.at(name).text() for name in ("user_id", "union_id", "open_id"))
    return ids.taken(next((value for value in found if value), None))


def _time(node: Node) -> Taken | None:
    return node.taken(node.unix_time(_MILLISECOND))


def _words(form: str, sent: Node) -> Taken | None:
    """What was written; None for pictures, files, cards and what else has no words of its own."""
    if form not in ("text", "post"):
        return None
    place = sent.at("content")
    written = place.needed(place.text()).value
    content = Node(json_body(written.encode()).value, place.place)
    text = content.at("text").text() if form == "text" else _post(content)
    return place.taken(_named(text or "", _names(sent)) or None)


def _post(content: Node) -> str:
    """A rich text: its title and a line for each paragraph."""
    lines = [content.at("title").text() or ""]
    lines += ["".join(map(_element, line.each())) for line in content.at("content").each()]
    return "\n".join(line.strip() for line in lines if line.strip())


def _element(part: Node) -> str:
    match part.at("tag").text():
        case "text" | "a" | "code_block":
            # White space between two parts of a line belongs to it.
            part.at("text").text()
            return str(part.at("text").value or "").replace("\x00", "")
        case "at":
            return part.at("user_id").text() or ""
        case "emotion":
            return f"[{part.at('emoji_type').text() or ''}]"
        case _:
            return ""


def _names(sent: Node) -> Mapping[str, str]:
    named = ((each.at("key").text(), each.at("name").text()) for each in sent.at("mentions").each())
    return {key: name for key, name in named if key and name}


def _named(text: str, names: Mapping[str, str]) -> str:
    """Who is addressed at the beginning is left out, as the robot is in most messages; whoever is
    mentioned later stands there as the chat shows it."""
    body = _LEADING_MENTIONS.sub("", text)
    return _MENTION.sub(lambda found: f"@{names.get(found[0], '')}", body).strip()
