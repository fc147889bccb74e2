"""Mail that no person wrote to us: answers of machines, bounces, newsletters."""

import re
from collections.abc import Callable, Mapping
from email.message import Message

from heedful.ingest.mail import headers

# The subjects of vacation answers and bounces of providers that mark them by nothing else.
_SUBJECT = re.compile(
    r"\s*(?:\[?(?:自动回复|自動回覆|自动答复|自动应答|假期自动回复)\]?\s*(?:[:：\]】]|$)|【自动回复】"
    r"|系统退信|退信通知|退信[:：]|邮件退回|投递失败|无法投递"
    r"|(?:automatic reply|auto[- ]?reply|out of (?:the )?office|auto(?:response)?)\s*[:：]"
    r"|out of office$|undeliver(?:able|ed)|mail delivery (?:failed|failure|subsystem)"
    r"|delivery status notification|returned mail|failure notice|warning: could not send)",
    re.IGNORECASE,
)
_MACHINES = re.compile(
    r"(?:mailer-?daemon|postmaster|no-?reply|do-?not-?reply|notifications?|notify|robot|bounces?"
    r"|newsletter)(?:[+._-].*)?",
    re.IGNORECASE,
)
_ROUTERS = re.compile(r"(?:mailer-?daemon|postmaster)", re.IGNORECASE)


def is_machine(address: str) -> bool:
    """The local part says that nobody reads or writes there."""
    return _MACHINES.fullmatch(address.partition("@")[0]) is not None


def reason(message: Message, *, through_group: bool) -> str | None:
    """Why the mail is not a person's; None when nothing says so.

    Args:
        through_group: it came through a group (Google Groups, Microsoft 365), which marks every
            mail as a mailing list's.
    """
    for name, says in _SIGNS.items():
        value = headers.raw(message, name)
        if value is not None and says(value.strip().lower()):
            return f"header {name}"
    if message.get_content_type() in ("multipart/report", "message/delivery-status"):
        return "a delivery report"
    if any(_ROUTERS.fullmatch(one.partition("@")[0]) for one in headers.addresses(message, "from")):
        return "a mail router's"
    subject = headers.text(message, "subject")
    if subject is not None and _SUBJECT.match(subject):
        return "header subject"
    if not through_group:
        for name, says in _LIST_SIGNS.items():
            value = headers.raw(message, name)
            if value is not None and says(value.strip().lower()):
                return f"header {name}"
    return None


# RFC 3834 (Auto-Submitted), RFC 3464 (empty Return-Path of reports); the X- headers are those of
# common answering programs.
_SIGNS: Mapping[str, Callable[[str], bool]] = {
    "auto-submitted": lambda value: value.partition(";")[0].strip() != "no",
    "return-path": lambda value: value == "<>",
    "x-autoreply": lambda value: value != "no",
    "x-autorespond": lambda value: True,
    "x-auto-reply": lambda value: True,
    "x-mail-autoreply": lambda value: True,
    "x-failed-recipients": lambda value: True,
    "precedence": lambda value: value in ("auto_reply", "auto-reply", "junk"),
}
# RFC 2919 (List-Id), RFC 2369 (List-Unsubscribe and others), and what came before them.
_LIST_SIGNS: Mapping[str, Callable[[str], bool]] = {
    "list-id": lambda value: True,
    "list-unsubscribe": lambda value: True,
    "list-post": lambda value: True,
    "precedence": lambda value: value in ("bulk", "list"),
}
