"""Callbacks as WeChat's servers make them, and published ones.

The vectors are those of the vendor's sample code and pages: Sample.py of WXBizMsgCrypt
(https://github.com/sbzhu/weworkapi_python/blob/master/callback/Sample.py), the sample code of
公众号 (https://wximg.gtimg.com/shake_tv/mpwiki/cryptoDemo.zip, which many SDKs test with) and the
worked example of "消息推送"
(https://developers.weixin.qq.com/miniprogram/dev/framework/server-ability/message-push.html).
"""

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from xml.etree.ElementTree import Element, SubElement, tostring

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from tests.contract.channels.harness import NOW, Case, is_refused


@dataclass(frozen=True)
class Keys:
    """What an account is configured with."""

    token: str
    aes_key: str
    receiver: str


CORP = Keys(
    "hJqcu3uJ9Tn2gXPmxx2w9kkCkCE2EPYo",
    "6qkdMrq68nTKduznJYO1A37W2oEgpkMUvkttRToqhUt",
    "ww1436e0e65a779aee",
)
OLDER_CORP = Keys("QDG6eK", "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C", "wx5823bf96d3bd56c7")
ACCOUNT = Keys("spamtest", "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG", "wx2c2769f8efd9abc2")
MINIPROGRAM = Keys("AAAAA", "A" * 43, "wxba5fad812f8e6fb9")


def others(keys: Keys) -> Sequence[Keys]:
    """Each differs in one of them."""
    return (
        replace(keys, token="other"),
        replace(keys, aes_key="B" * 43),
        replace(keys, receiver="ww0000000000000000"),
    )


@dataclass(frozen=True)
class Vector:
    """A published callback and what it says."""

    keys: Keys
    timestamp: str
    nonce: str
    sealed: str
    signature: str
    message: bytes

    @property
    def at(self) -> datetime:
        return datetime.fromtimestamp(int(self.timestamp), UTC)

    @property
    def query(self) -> dict[str, str]:
        return {
            "msg_signature": self.signature,
            "timestamp": self.timestamp,
            "nonce": self.nonce,
        }


VECTORS = {
    "corp verifies the URL": Vector(
        CORP,
        "1476416373",
        "47744683",
        "fsi1xnbH4yQh0+PJxcOdhhK6TDXkjMyhEPA7xB2TGz6b+g7xyAbEkRxN/3cNXW9qdqjnoVzEtpbhnFyq6SVHyA==",
        "012bc692d0a58dd4b10f8dfe5c4ac00ae211ebeb",
        b"1288432023552776189",
    ),
    "corp sends a message": Vector(
        CORP,
        "1476422779",
        "1597212914",
        "Kl7kjoSf6DMD1zh7rtrHjFaDapSCkaOnwu3bqLc5tAybhhMl9pFeK8NslNPVdMwmBQTNoW4mY7AIjeLvEl3NyeTk"
        "AgGzBhzTtRLNshw2AEew+kkYcD+Fq72Kt00fT0WnN87hGrW8SqGc+NcT3mu87Ha3dz1pSDi6GaUA6A0sqfde0VJP"
        "QbZ9U+3JWcoD4Z5jaU0y9GSh010wsHF8KZD24YhmZH4ch4Ka7ilEbjbfvhKkNL65HHL0J6EYJIZUC2pFrdkJ7Mhm"
        "EbU2qARR4iQHE7wy24qy0cRX3Mfp6iELcDNfSsPGjUQVDGxQDCWjayJOpcwocugux082f49HKYg84EpHSGXAyh+/"
        "oxwaWbvL6aSDPOYuPDGOCI8jmnKiypE+",
        "0c3914025cb4b4d68103f6bfc8db550f79dcf48e",
        "<xml><ToUserName>ww1436e0e65a779aee</ToUserName><FromUserName>ChenJiaShun</FromUserName>"
        "<CreateTime>1476422779</CreateTime><MsgType>text</MsgType><Content>你好</Content>"
        "<MsgId>1456453720</MsgId><AgentID>1000002</AgentID></xml>".encode(),
    ),
    "older corp verifies the URL": Vector(
        OLDER_CORP,
        "1409659589",
        "263014780",
        "P9nAzCzyDtyTWESHep1vC5X9xho/qYX3Zpb4yKa9SKld1DsH3Iyt3tP3zNdtp+4RPcs8TgAE7OaBO+FZXvnaqQ==",
        "5c45ff5e21c57e6ad56bac8758b79b1d9ac89fd3",
        b"1616140317555161061",
    ),
    "account sends a message": Vector(
        ACCOUNT,
        "1409735669",
        "1320562132",
        "hyzAe4OzmOMbd6TvGdIOO6uBmdJoD0Fk53REIHvxYtJlE2B655HuD0m8KUePWB3+LrPXo87wzQ1QLvbeUgmBM4x6"
        "F8PGHQHFVAFmOD2LdJF9FrXpbUAh0B5GIItb52sn896wVsMSHGuPE328HnRGBcrS7C41IzDWyWNlZkyyXwon8T33"
        "2jisa+h6tEDYsVticbSnyU8dKOIbgU6ux5VTjg3yt+WGzjlpKn6NPhRjpA912xMezR4kw6KWwMrCVKSVCZciVGCg"
        "avjIQ6X8tCOp3yZbGpy0VxpAe+77TszTfRd5RJSVO/HTnifJpXgCSUdUue1v6h0EIBYYI1BD1DlD+C0CR8e6Oewp"
        "usjZ4uBl9FyJvnhvQl+q5rv1ixrcpCumEPo5MJSgM9ehVsNPfUM669WuMyVWQLCzpu9GhglF2PE=",
        "5d197aaffba7e9b25a30732f161a50dee96bd5fa",
        b"<xml><ToUserName><![CDATA[gh_10f6c3c3ac5a]]></ToUserName>\n"
        b"<FromUserName><![CDATA[oyORnuP8q7ou2gfYjqLzSIWZf0rs]]></FromUserName>\n"
        b"<CreateTime>1409735668</CreateTime>\n<MsgType><![CDATA[text]]></MsgType>\n"
        b"<Content><![CDATA[abcdteT]]></Content>\n<MsgId>6054768590064713728</MsgId>\n</xml>",
    ),
    "worked example of the page": Vector(
        MINIPROGRAM,
        "1714112445",
        "415670741",
        "+qdx1OKCy+5JPCBFWw70tm0fJGb2Jmeia4FCB7kao+/Q5c/ohsOzQHi8khUOb05JCpj0JB4RvQMkUyus8TPxLKJG"
        "QqcvZqzDpVzazhZv6JsXUnnR8XGT740XgXZUXQ7vJVnAG+tE8NUd4yFyjPy7GgiaviNrlCTj+l5kdfMuFUPpRSrf"
        "MZuMcp3Fn2Pede2IuQrKEYwKSqFIZoNqJ4M8EajAsjLY2km32IIjdf8YL/P50F7mStwntrA2cPDrM1kb6mOcfBgR"
        "tWygb3VIYnSeOBrebufAlr7F9mFUPAJGj04=",
        "046e02f8204d34f8ba5fa3b1db94908f3df2e9b3",
        b'{"ToUserName":"gh_97417a04a28d","FromUserName":"o9AgO5Kd5ggOC-bXrbNODIiE3bGY",'
        b'"CreateTime":1714112445,"MsgType":"event","Event":"debug_demo",'
        b'"debug_str":"hello world"}',
    ),
}


def pad(plain: bytes) -> bytes:
    """To a multiple of 32 bytes, as PKCS#7 has it."""
    count = 32 - len(plain) % 32
    return plain + bytes([count]) * count


def encrypt(padded: bytes, keys: Keys) -> str:
    """Whatever it is, as the vendor encrypts."""
    key = base64.b64decode(keys.aes_key + "=")
    encryptor = Cipher(algorithms.AES(key), modes.CBC(key[:16])).encryptor()
    return base64.b64encode(encryptor.update(padded) + encryptor.finalize()).decode()


def seal(message: bytes, keys: Keys) -> str:
    """A message as the vendor seals it; its 16 random bytes are always the same here."""
    head = b"0123456789abcdef" + len(message).to_bytes(4, "big")
    return encrypt(pad(head + message + keys.receiver.encode()), keys)


def query(keys: Keys, name: str, *parts: str, at: datetime = NOW) -> dict[str, str]:
    """The signed part of a URL."""
    stamp, nonce = str(int(at.timestamp())), "263014780"
    joined = "".join(sorted((keys.token, stamp, nonce, *parts)))
    return {
        name: hashlib.sha1(joined.encode()).hexdigest(),  # noqa: S324  # the vendor's protocol
        "timestamp": stamp,
        "nonce": nonce,
    }


def envelope(sealed: str, **plain: str) -> bytes:
    """The body around a sealed message."""
    root = Element("xml")
    for name, value in (*plain.items(), ("Encrypt", sealed)):
        SubElement(root, name).text = value
    return tostring(root)


def refuses_changed_seals(case: Case) -> None:
    """The proof covers what is sealed and nothing beside it: cut, longer, re-ordered or altered,
    it is refused."""
    body = case.request.body
    half = len(body) // 2
    head, opening, rest = body.partition(b"<Encrypt>")
    sealed, closing, tail = rest.partition(b"</Encrypt>")
    changed = (
        sealed[:-4],
        sealed[:-64],
        sealed + b"AAAA",
        sealed[64:] + sealed[:64],
        (b"B" if sealed[:1] == b"A" else b"A") + sealed[1:],
        b"",
    )
    for other in (
        body[:-1],
        body[:half],
        body[half:] + body[:half],
        b"",
        *(head + opening + one + closing + tail for one in changed),
    ):
        is_refused(case.with_body(other))
