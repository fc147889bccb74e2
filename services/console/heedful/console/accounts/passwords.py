"""Passwords: scrypt (RFC 7914) with the parameters of OWASP's cheat sheet (N=2^17, r=8, p=1)."""

import base64
import hashlib
import hmac
import secrets
from typing import Final

MIN_CHARS: Final = 12
MAX_CHARS: Final = 200
_N, _R, _P = 2**17, 8, 1
_MEMORY: Final = 256 * 1024 * 1024
_SALT_BYTES: Final = 16
_MADE_CHARS: Final = 18


def made() -> str:
    """A password nobody can guess: 144 random bits."""
    return secrets.token_urlsafe(_MADE_CHARS)


def hashed(password: str) -> str:
    """How it is kept: `scrypt$n$r$p$salt$hash`. Takes 0.3 s on purpose: call it in a thread."""
    salt = secrets.token_bytes(_SALT_BYTES)
    found = _hash(password, salt)
    return f"scrypt${_N}${_R}${_P}${_text(salt)}${_text(found)}"


def fits(password: str, kept: str) -> bool:
    """Whether it is the password. Takes as long as `hashed`."""
    kind, n, r, p, salt, found = kept.split("$")
    if kind != "scrypt":
        return False
    parameters = (int(n), int(r), int(p))
    return hmac.compare_digest(_hash(password, _bytes(salt), parameters), _bytes(found))


NOBODYS: Final = f"scrypt${_N}${_R}${_P}${'A' * 22}==${'A' * 43}="
"""Fits nothing; compared with where there is no account, so that both take as long."""


def _hash(password: str, salt: bytes, parameters: tuple[int, int, int] = (_N, _R, _P)) -> bytes:
    n, r, p = parameters
    return hashlib.scrypt(password.encode(), salt=salt, n=n, r=r, p=p, maxmem=_MEMORY, dklen=32)


def _text(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def _bytes(text: str) -> bytes:
    return base64.b64decode(text)
