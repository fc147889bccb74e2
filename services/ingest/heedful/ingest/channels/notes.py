"""What an employee reports: feedback of the channel `employee`, which is never counted as a
customer's voice. Who wrote it is an attribute, never an identifier: the sender is not the customer.
"""

from collections.abc import Mapping

from heedful.common.contracts import Channel
from heedful.ingest.channels import Taken


def note(text: Taken, command: str | None, staff_id: Taken | None) -> Mapping[str, Taken] | None:
    """The fields of a Draft that an employee's words become.

    Args:
        command: what a note begins with in a chat, e.g. `/voc`; it is not part of the note. None:
            all of the text is the note.
        staff_id: who wrote it; None when the platform does not say.

    Returns:
        None when the text does not begin with the command, or says nothing after it.
    """
    words = text.value.strip() if command is None else _after(command, text.value)
    if not words:
        return None
    fields = {
        "channel": Taken(Channel.EMPLOYEE.value, text.place),
        "text": Taken(words, text.place),
    }
    if staff_id is not None:
        fields["attributes"] = Taken({"reported_by": staff_id.value}, staff_id.place)
    return fields


def _after(command: str, text: str) -> str | None:
    head, rest = text[: len(command)], text[len(command) :]
    if head.casefold() != command.casefold():
        return None
    # `/voc` is no command in `/vocation`; a Chinese word follows without a space.
    if _word(command[-1:]) and _word(rest[:1]):
        return None
    return rest.lstrip(" \t\r\n　:：,，").rstrip()


def _word(character: str) -> bool:
    return character.isascii() and character.isalnum()
