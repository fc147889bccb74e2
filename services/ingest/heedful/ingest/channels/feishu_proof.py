"""How Feishu proves and seals what it sends.

https://open.feishu.cn/document/ukTMukTMukTM/uYDNxYjL2QTM24iN0EjN/event-subscription-configure-/encrypt-key-encryption-configuration-case
"""

import base64
import binascii
import hashlib
from datetime import datetime, timedelta

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.padding import PKCS7

from heedful.ingest.channels import ChannelRequest, Unverified, proof

SIGNATURE = "X-Lark-Signature"
_TIMESTAMP = "X-Lark-Request-Timestamp"
_NONCE = "X-Lark-Request-Nonce"

WINDOW = timedelta(hours=7, minutes=30)
"""Feishu sends an event again after 15 s, 5 min, 1 h and 6 h, about 7.1 hours in all ("事件概述"),
and does not say whether it is signed anew each time. A shorter window might refuse the last."""

# A time of this century has ten digits in seconds.
_UNITS = ((11, timedelta(seconds=1)), (14, timedelta(milliseconds=1)))
_BLOCK = algorithms.AES.block_size // 8


def signed(request: ChannelRequest, encrypt_key: str) -> None:
    """That the body was signed with this key, lately: hex SHA-256 over timestamp, nonce, key and
    body.

    Raises:
        Unverified: a header is missing, the signature does not fit, or the time is not near.
    """
    stamp = proof.header(request, _TIMESTAMP)
    nonce = proof.header(request, _NONCE)
    given = proof.header(request, SIGNATURE)
    prefix = (stamp + nonce + encrypt_key).encode("utf-8", "surrogatepass")
    if not proof.same(given, hashlib.sha256(prefix + request.body).hexdigest()):
        raise Unverified(f"{SIGNATURE} does not fit the body; is the Encrypt Key right?")
    recent(stamp, request.received_at)


def recent(stamp: str, received_at: datetime) -> None:
    """That a time of Feishu's is near; it writes seconds, milliseconds or microseconds.

    Raises:
        Unverified: it is not a time, or too far away.
    """
    whole = stamp.partition(".")[0]
    unit = next((unit for digits, unit in _UNITS if len(whole) <= digits), timedelta.resolution)
    proof.fresh(whole, received_at, unit=unit, window=WINDOW)


def opened(sealed: str, encrypt_key: str) -> bytes:
    """The text inside `encrypt`: base64 of the initialization vector and AES-256-CBC with PKCS#7
    padding, the key being the SHA-256 of the Encrypt Key.

    Raises:
        Unverified: it does not open with this key.
    """
    try:
        data = base64.b64decode(sealed, validate=True)
        key = hashlib.sha256(encrypt_key.encode()).digest()
        cipher = Cipher(algorithms.AES(key), modes.CBC(data[:_BLOCK])).decryptor()
        padded = cipher.update(data[_BLOCK:]) + cipher.finalize()
        unpadder = PKCS7(algorithms.AES.block_size).unpadder()
        return unpadder.update(padded) + unpadder.finalize()
    except (binascii.Error, ValueError) as error:
        raise Unverified("encrypt does not open with the connection's Encrypt Key") from error
