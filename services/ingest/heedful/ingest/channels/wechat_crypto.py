"""The proof and the seal that 企业微信 and 公众号 share (their sample code: WXBizMsgCrypt). Pure.

A callback carries `msg_signature`, SHA-1 over the sorted callback token, timestamp, nonce and
sealed message. What is sealed is 16 random bytes, the length of the message (4 bytes, network
order), the message and whom it is for (corp id or app id), padded to a multiple of 32 bytes and
encrypted with AES-256-CBC; the key is EncodingAESKey, its first 16 bytes are the first block.

Sources: https://developer.work.weixin.qq.com/document/path/90968 ("加解密方案说明") and
https://developers.weixin.qq.com/doc/subscription/guide/dev/push/encryption.html
("消息加解密说明").

The vendor's signature joins its parts without a separator: timestamp and nonce may trade places
and still fit. So the replay window keeps old requests away, not every one of them; each message
also has an id of its own, and one that comes again is a duplicate.
"""

import base64
import hashlib
import hmac
from datetime import timedelta
from typing import Annotated

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from pydantic import SecretStr

from heedful.ingest.channels import ChannelRequest, Unverified, proof, shaped

CallbackToken = Annotated[SecretStr, shaped(r"\S{1,128}", "the Token, without white space")]
EncodingAesKey = Annotated[
    SecretStr, shaped(r"[A-Za-z0-9+/]{43}", "the 43 characters of EncodingAESKey")
]

_SECOND = timedelta(seconds=1)
_BLOCK = 32
_IV_BYTES = 16
_RANDOM_BYTES = 16
_HEAD_BYTES = _RANDOM_BYTES + 4


def signature(*parts: str) -> str:
    """SHA-1 of the parts, sorted and joined; hexadecimal."""
    joined = "".join(sorted(parts)).encode("utf-8", "surrogatepass")
    return hashlib.sha1(joined).hexdigest()  # noqa: S324  # the vendor's protocol


def signed(request: ChannelRequest, name: str, token: SecretStr, *parts: str) -> None:
    """That the query parameter `name` is the signature of token, timestamp, nonce and parts, and
    that the timestamp is within five minutes of now. The vendor repeats a callback three times at
    intervals of five seconds and names no window of its own.

    Raises:
        Unverified: a parameter is missing, the time is not near, or it does not fit.
    """
    given = proof.parameter(request, name)
    stamp = proof.parameter(request, "timestamp")
    nonce = proof.parameter(request, "nonce")
    proof.fresh(stamp, request.received_at, unit=_SECOND)
    if not proof.same(given, signature(token.get_secret_value(), stamp, nonce, *parts)):
        raise Unverified(f"{name} does not fit: another Token, or it was changed on the way")


def opened(sealed: str, key: SecretStr, receiver: str) -> bytes:
    """The message in a seal.

    Args:
        sealed: base64, as it stands in `Encrypt` or `echostr`.
        key: EncodingAESKey.
        receiver: the corp id or app id that it must be for.

    Raises:
        Unverified: it does not open with this key, or is for somebody else.
    """
    encrypted = proof.from_base64(sealed, "the encrypted message")
    if not encrypted or len(encrypted) % _BLOCK:
        raise Unverified(f"the encrypted message is not a multiple of {_BLOCK} bytes")
    secret = base64.b64decode(key.get_secret_value() + "=")
    decryptor = Cipher(algorithms.AES(secret), modes.CBC(secret[:_IV_BYTES])).decryptor()
    plain = _unpadded(decryptor.update(encrypted) + decryptor.finalize())
    length = int.from_bytes(plain[_RANDOM_BYTES:_HEAD_BYTES], "big")
    message = plain[_HEAD_BYTES : _HEAD_BYTES + length]
    if len(message) != length:
        raise Unverified("the encrypted message does not open: another EncodingAESKey")
    if not hmac.compare_digest(plain[_HEAD_BYTES + length :], receiver.encode()):
        raise Unverified("the encrypted message is for another corp or app than this connection's")
    return message


def _unpadded(plain: bytes) -> bytes:
    """Without the padding of PKCS#7, which here fills up to 32 bytes."""
    count = plain[-1]
    if not 1 <= count <= _BLOCK or plain[-count:] != bytes([count]) * count:
        raise Unverified("the encrypted message does not open: another EncodingAESKey")
    return plain[:-count]
