"""HTML of a mail to text, as a reader sees it: blocks on lines of their own, quotations with `>`.

Parsed by selectolax (the Lexbor HTML5 parser), walked without recursion.
"""

import re
from collections.abc import Iterator

from selectolax.lexbor import LexborHTMLParser, LexborNode

QUOTE_BELOW = "\x1e"
"""A line of its own where the markup says that the rest of the mail is a quoted one."""

MAX_CHARS = 1_000_000
MAX_TAGS = 30_000
# The parser's time grows with the square of this depth: at 2,000 it takes 5 ms.
MAX_DEPTH = 2_000

_HIDDEN = frozenset(
    ["head", "style", "script", "title", "template", "noscript", "iframe", "object", "svg", "math"]
)
_BLOCK_NAMES = (
    "address article aside blockquote body center dd details div dl dt fieldset figure footer form"
    " h1 h2 h3 h4 h5 h6 header hr li main nav ol p pre section table tbody tfoot thead tr ul"
)
_BLOCKS = frozenset(_BLOCK_NAMES.split())
# What opens the quoted mail where no blockquote does: Outlook on the web and its apps, Outlook for
# Mac, Outlook Express, Yahoo, NetEase Mail Master.
_QUOTES = frozenset(
    [
        "divrplyfwdmsg",
        "appendonsend",
        "mail-editor-reference-message-container",
        "olk_src_body_section",
        "outlookmessageheader",
        "yahoo_quoted",
        "ntes-pcmail-quote",
    ]
)
_SIGNATURES = frozenset(
    [
        "gmail_signature",
        "gmail_signature_prefix",
        "moz-signature",
        "ms-outlook-mobile-signature",
        "applemailsignature",
        "ntes-pcmail-signature",
        "signature",
    ]
)
_NESTING = re.compile(
    r"<(/?)(?:address|article|aside|blockquote|center|details|dir|div|dl|fieldset|figure|footer"
    r"|form|header|li|main|menu|nav|ol|section|summary|table|tbody|td|th|tr|ul)\b",
    re.IGNORECASE,
)
_SPACE = re.compile(r"[ \t\r\n\f\u00a0]+")
_BLANK_LINES = re.compile(r"\n{3,}")


class TooDeep(ValueError):
    """The markup is larger or deeper than a mail's can be."""


def to_text(html: str) -> str:
    """The visible text; a blockquote's lines begin with `> `.

    Raises:
        TooDeep: more than MAX_CHARS or MAX_TAGS, or elements in more than MAX_DEPTH others.
    """
    if len(html) > MAX_CHARS or html.count("<") > MAX_TAGS or _depth(html) > MAX_DEPTH:
        raise TooDeep("the HTML is too large or nested too deep")
    root = LexborHTMLParser(html.replace(QUOTE_BELOW, "")).root
    pen = _Pen()
    for node, entered in _walk(root):
        _write(pen, node, entered=entered)
    return _BLANK_LINES.sub("\n\n", pen.text()).strip()


class _Pen:
    """Lines under way."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.line: list[str] = []
        self.quoted = 0
        self.kept = 0

    def words(self, words: str) -> None:
        if self.kept:
            first, *rest = words.split("\n")
            self.line.append(first)
            for part in rest:
                self.end()
                self.line.append(part)
            return
        plain = _SPACE.sub(" ", words)
        if not self.line or self.line[-1].endswith(" "):
            plain = plain.lstrip()
        if plain:
            self.line.append(plain)

    def end(self) -> None:
        self.lines.append(("> " if self.quoted else "") + "".join(self.line).rstrip())
        self.line.clear()

    def block(self) -> None:
        if any(part.strip() for part in self.line):
            self.end()
        self.line.clear()

    def text(self) -> str:
        self.block()
        return "\n".join(self.lines)


def _write(pen: _Pen, node: LexborNode, *, entered: bool) -> None:
    tag = node.tag or ""
    if tag in _BLOCKS:
        _write_block(pen, node, tag, entered=entered)
    elif tag == "-text" and entered:
        pen.words(node.text_content or "")
    elif tag == "br" and entered:
        pen.end()
    elif tag in ("td", "th") and not entered:
        pen.words(" ")


def _write_block(pen: _Pen, node: LexborNode, tag: str, *, entered: bool) -> None:
    pen.block()
    if entered and _is_one_of(node, _QUOTES):
        pen.lines.append(QUOTE_BELOW)
    step = 1 if entered else -1
    if tag == "blockquote":
        pen.quoted += step
    elif tag == "pre":
        pen.kept += step
    elif tag == "p" and not entered:
        pen.end()


def _is_one_of(node: LexborNode, names: frozenset[str]) -> bool:
    attributes = node.attributes
    given = f"{attributes.get('id') or ''} {attributes.get('class') or ''}".lower().split()
    return not names.isdisjoint(given)


def _walk(root: LexborNode | None) -> Iterator[tuple[LexborNode, bool]]:
    """Every visible node twice: on the way in and on the way out."""
    node = root
    while root is not None and node is not None:
        yield node, True
        inner = None if _is_hidden(node) else node.first_child
        while inner is None:
            yield node, False
            if node.mem_id == root.mem_id:
                return
            inner = node.next
            above = node.parent
            if inner is None:
                if above is None:
                    return
                node = above
        node = inner


def _is_hidden(node: LexborNode) -> bool:
    return node.tag in _HIDDEN or (node.is_element_node and _is_one_of(node, _SIGNATURES))


def _depth(html: str) -> int:
    depth = deepest = 0
    for match in _NESTING.finditer(html):
        depth += -1 if match[1] else 1
        deepest = max(deepest, depth)
    return deepest
