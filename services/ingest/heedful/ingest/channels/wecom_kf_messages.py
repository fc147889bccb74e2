"""What `kf/sync_msg` gives, as drafts. Pure.

https://developer.work.weixin.qq.com/document/path/94670 ("接收消息和事件"): a message's shape hangs
on `msgtype`, who sent it is `origin`; an event names account and customer inside `event`.
"""

from collections.abc import Mapping, Sequence

import orjson

from heedful.common.contracts import ActorType, Direction, IdentifierType, InteractionKind
from heedful.ingest.channels import Draft, Failed, Malformed, Taken
from heedful.ingest.channels import wechat_messages as wechat
from heedful.ingest.channels.reading import Node

_FROM_CUSTOMER = 3
_FROM_SERVICER = 5
_EVENT = "event"

# What a message without words of the sender's own shows of itself: a title that it carries.
_TITLES: Mapping[str, str] = {
    "link": "title",
    "miniprogram": "title",
    "channels_shop_product": "title",
    "channels_shop_order": "product_titles",
    "merged_msg": "title",
    "channels": "title",
}
_DETAILS: Mapping[str, Sequence[str]] = {
    "image": ("media_id",),
    "voice": ("media_id",),
    "video": ("media_id",),
    "file": ("media_id",),
    "channels_shop_product": ("product_id",),
    "channels_shop_order": ("order_id", "state"),
}


def drafts(page: Node, scores: wechat.MenuScores) -> Sequence[Draft | Failed]:
    """The items of one page; system notices are none.

    Raises:
        Malformed: `msg_list` is not a list.
    """
    found: list[Draft | Failed] = []
    for message in page.at("msg_list").each():
        try:
            draft = _draft(message, scores)
        except Malformed as error:
            found.append(Failed(orjson.dumps(message.value), str(error)))
            continue
        if draft is not None:
            found.append(draft)
    return found


def _draft(message: Node, scores: wechat.MenuScores) -> Draft | None:
    kind = message.at("msgtype")
    if kind.needed(kind.text()).value == _EVENT:
        return _event(message)
    origin = message.at("origin")
    sender = origin.number()
    if sender == _FROM_CUSTOMER:
        return _from_customer(message, scores)
    if sender == _FROM_SERVICER:
        return _from_servicer(message)
    raise Malformed(f"{origin.place} is neither {_FROM_CUSTOMER} nor {_FROM_SERVICER}")


def _from_customer(message: Node, scores: wechat.MenuScores) -> Draft:
    """Their words, or that they sent something without words."""
    menu = message.at("text", "menu_id")
    text = wechat.words(message.at("text", "content"))
    told = _told(message, message, _identity(message))
    if text is None:
        return Draft.interaction(
            **told,
            **wechat.by_customer(InteractionKind.CONTACT),
            summary=_title(message),
            attributes=_form(message),
        )
    return Draft.feedback(
        **told,
        text=text,
        score=scores.score(menu),
        attributes=wechat.attributes({"account": message.at("open_kfid"), "menu_id": menu}),
    )


def _from_servicer(message: Node) -> Draft:
    """A person of the business answered in 企业微信: that ends the wait for a response. Without
    their words, which are no customer's."""
    return Draft.interaction(
        **_told(message, message, _identity(message)),
        **_by_servicer(InteractionKind.CONTACT, message.at("servicer_userid")),
        attributes=_form(message),
    )


def _event(message: Node) -> Draft | None:
    """What a person did that is no message; what the system tells is left out."""
    event = message.at(_EVENT)
    name = event.at("event_type").text()
    if name == "enter_session":
        did = wechat.by_customer(InteractionKind.BROWSE)
        more = {
            "scene": event.at("scene"),
            "scene_param": event.at("scene_param"),
            "channels_nickname": event.at("wechat_channels", "nickname"),
            "channels_shop": event.at("wechat_channels", "shop_nickname"),
        }
    elif name == "user_recall_msg":
        did = wechat.by_customer(InteractionKind.OTHER)
        more = {"recalled_id": event.at("recall_msgid")}
    elif name == "servicer_recall_msg":
        did = _by_servicer(InteractionKind.OTHER, event.at("servicer_userid"))
        more = {"recalled_id": event.at("recall_msgid")}
    else:
        return None
    about = {"account": event.at("open_kfid"), "event": event.at("event_type")}
    return Draft.interaction(
        **_told(message, event, _event_identity(message)),
        **did,
        attributes=wechat.attributes(about | more),
    )


def _identity(message: Node) -> Taken:
    found = message.at("msgid")
    return found.needed(found.text())


def _event_identity(message: Node) -> Taken:
    """The page shows events without `msgid`: then the event stands for itself."""
    found = message.at("msgid")
    whole = orjson.dumps(message.value, option=orjson.OPT_SORT_KEYS).decode()
    return found.taken(found.text()) or Taken(wechat.fingerprint(whole), message.place)


def _told(message: Node, who: Node, identity: Taken) -> wechat.Fields:
    """`who` is the part that names account and customer."""
    return wechat.told(
        identity,
        message.at("send_time"),
        who.at("open_kfid"),
        who.at("external_userid"),
        IdentifierType.EXTERNAL,
    )


def _by_servicer(kind: InteractionKind, userid: Node) -> wechat.Fields:
    name = userid.text()
    actor = {"type": ActorType.HUMAN.value} | ({"id": name} if name else {})
    return wechat.done(kind, Direction.OUTBOUND, Taken(actor, userid.place))


def _form(message: Node) -> Taken | None:
    """What kind of message it was, and what can be asked of the vendor by it."""
    kind = message.at("msgtype").text() or ""
    found = {"account": message.at("open_kfid"), "message_type": message.at("msgtype")}
    return wechat.attributes(
        found | {name: message.at(kind, name) for name in _DETAILS.get(kind, ())}
    )


def _title(message: Node) -> Taken | None:
    kind = message.at("msgtype").text() or ""
    name = _TITLES.get(kind)
    return wechat.summary(message.at(kind, name)) if name else None
