"""Names as IMAP writes them: quoted strings, and folders in modified UTF-7 (RFC 3501, 5.1.3)."""

import base64
import re

_PLAIN = re.compile(r"[\x20-\x7e]+")


def quoted(text: str) -> str:
    """A quoted string of ASCII; line breaks and NUL cannot stand in one.

    Raises:
        ValueError: one of them does.
    """
    if re.search(r"[\r\n\x00]", text):
        raise ValueError("a line break or NUL stands in a name")
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def folder_name(name: str) -> str:
    """A folder's name in modified UTF-7: `已发送` is `&XfJT0ZAB-`."""
    return "".join(
        part.replace("&", "&-") if _PLAIN.fullmatch(part) else _encoded(part)
        for part in re.findall(r"[\x20-\x7e]+|[^\x20-\x7e]+", name)
    )


def _encoded(part: str) -> str:
    packed = base64.b64encode(part.encode("utf-16-be")).decode().rstrip("=")
    return f"&{packed.replace('/', ',')}-"
