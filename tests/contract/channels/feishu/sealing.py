"""Feishu's side: how it encrypts and signs ("步骤三：接收事件", 加密原理 and 签名校验)."""

import base64
import hashlib
from pathlib import Path
from typing import Any

import orjson
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.padding import PKCS7

from heedful.ingest.channels import ChannelRequest
from heedful.ingest.channels.feishu import Feishu, Options, Secrets
from tests.contract.channels.harness import NOW, Case, request

FOLDER = Path(__file__).parent
ADAPTER = Feishu()
TOKEN = "rvaYgkND1GOiu5MM0E1rncYC6PLtF7JV"
KEY = "kudryavka-2ea1c5f0b7d94c6e"
SECRETS = Secrets(verification_token=TOKEN, encrypt_key=KEY)
_IV = bytes(range(16))


def event(name: str) -> Any:
    return orjson.loads((FOLDER / f"{name}.json").read_bytes())


def sealed(event: Any, key: str = KEY) -> bytes:
    padder = PKCS7(128).padder()
    padded = padder.update(orjson.dumps(event)) + padder.finalize()
    cipher = Cipher(algorithms.AES(hashlib.sha256(key.encode()).digest()), modes.CBC(_IV))
    encryptor = cipher.encryptor()
    data = _IV + encryptor.update(padded) + encryptor.finalize()
    return orjson.dumps({"encrypt": base64.b64encode(data).decode()})


def signed(body: bytes, key: str = KEY, *, stamp: int | None = None) -> ChannelRequest:
    at = str(int(NOW.timestamp()) if stamp is None else stamp)
    signature = hashlib.sha256((at + "nonce" + key).encode() + body).hexdigest()
    headers = {
        "X-Lark-Request-Timestamp": at,
        "X-Lark-Request-Nonce": "nonce",
        "X-Lark-Signature": signature,
    }
    return request(body, headers=headers)


def case(given: Any, options: Options | None = None) -> Case:
    """The event as Feishu sends it to an app with an Encrypt Key."""
    return Case(ADAPTER, signed(sealed(given)), SECRETS, options or Options())
