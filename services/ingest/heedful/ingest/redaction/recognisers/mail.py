"""E-mail addresses, as written and as said to a speech recogniser."""

import re

from heedful.ingest.redaction.kinds import Kind
from heedful.ingest.redaction.recogniser import Recogniser, Sign, value

_USER = r"[A-Za-z0-9._%+-]"

WRITTEN = Recogniser(
    Kind.EMAIL,
    re.compile(rf"(?<!{_USER})(?:{_USER}+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.[A-Za-z]{{2,}})+"),
    needs=Sign.LETTER | Sign.AT,
)
"""RFC 5321 §4.1.2, the form that people use: a dotted local part, a domain name."""

SAID = Recogniser(
    Kind.EMAIL,
    re.compile(
        r"(?P<value>(?<![A-Za-z0-9._-])[A-Za-z0-9][A-Za-z0-9._-]{1,63}"
        r" ?(?:@|艾特|圈[Aa]|\(at\)|\[at\]| at ) ?"
        r"[A-Za-z0-9-]{2,63}"
        r"(?: ?(?:\.|点|\(dot\)|\[dot\]| dot ) ?(?:com|cn|net|org|edu|gov|io|co|uk|hk|tw))+)"
        r"(?![A-Za-z0-9])",
        re.IGNORECASE,
    ),
    value,
    needs=Sign.LETTER | Sign.AT,
)
"""With 艾特 or (at), 点 or (dot), or blanks around them, and one of the common top-level domains:
"see you at shop dot com" is rarer than a spelled address."""

RECOGNISERS = (WRITTEN, SAID)
