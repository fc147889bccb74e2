"""The seal and the signature of WeChat's callbacks, against the vendor's published ones."""

import base64
import contextlib
import dataclasses
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr, TypeAdapter, ValidationError

from heedful.ingest.channels import ChannelRequest, Unverified
from heedful.ingest.channels.wechat_crypto import EncodingAesKey, opened, signature, signed
from tests.contract.channels.harness import request
from tests.contract.channels.wechat import CORP, VECTORS, Keys, Vector, encrypt, pad, query, seal

EVERY = pytest.mark.parametrize("vector", VECTORS.values(), ids=VECTORS)


def unseal(sealed: str, keys: Keys) -> bytes:
    return opened(sealed, SecretStr(keys.aes_key), keys.receiver)


def sent(vector: Vector) -> ChannelRequest:
    return request(query=vector.query, received_at=vector.at)


@EVERY
def test_published_signatures_fit(vector: Vector) -> None:
    signed(sent(vector), "msg_signature", SecretStr(vector.keys.token), vector.sealed)


@EVERY
def test_published_messages_open(vector: Vector) -> None:
    assert unseal(vector.sealed, vector.keys) == vector.message


@pytest.mark.parametrize(
    ("timestamp", "nonce", "wanted"),
    [
        ("1714036504", "1514711492", "f464b24fc39322e44b38aa78f5edd27bd1441696"),
        ("1714037059", "486452656", "899cf89e464efb63f54ddac96b0a0a235f53aa78"),
        ("1714112445", "415670741", "6c5c811b55cc85e0e1b54100749188c20beb3f5d"),
    ],
)
def test_published_signatures_without_a_message(timestamp: str, nonce: str, wanted: str) -> None:
    assert signature("AAAAA", timestamp, nonce) == wanted


@EVERY
def test_another_token_message_or_time_does_not_fit(vector: Vector) -> None:
    right = sent(vector)
    late = dataclasses.replace(right, received_at=vector.at + timedelta(minutes=5, seconds=1))
    for given_request, token, sealed in (
        (right, vector.keys.token + "x", vector.sealed),
        (right, vector.keys.token, vector.sealed[:-4]),
        (late, vector.keys.token, vector.sealed),
    ):
        with pytest.raises(Unverified):
            signed(given_request, "msg_signature", SecretStr(token), sealed)


@pytest.mark.parametrize("missing", ["msg_signature", "timestamp", "nonce"])
def test_a_missing_parameter_is_named(missing: str) -> None:
    left = {key: text for key, text in query(CORP, "msg_signature", "x").items() if key != missing}
    with pytest.raises(Unverified, match=missing):
        signed(request(query=left), "msg_signature", SecretStr(CORP.token), "x")


def test_a_message_for_another_corp_is_refused() -> None:
    sealed = seal(b"<xml/>", dataclasses.replace(CORP, receiver="ww0000000000000000"))
    with pytest.raises(Unverified, match="another corp"):
        unseal(sealed, CORP)


@EVERY
def test_another_key_does_not_open(vector: Vector) -> None:
    with pytest.raises(Unverified):
        unseal(vector.sealed, dataclasses.replace(vector.keys, aes_key="B" * 43))


@EVERY
def test_a_cut_message_does_not_open(vector: Vector) -> None:
    raw = base64.b64decode(vector.sealed)
    for cut in (b"", raw[:-1], raw[:-16], raw[:32]):
        with pytest.raises(Unverified):
            unseal(base64.b64encode(cut).decode(), vector.keys)


@pytest.mark.parametrize(
    "plain",
    [
        b"",
        b"0123456789abcdef",
        b"0123456789abcdef" + b"\xff\xff\xff\xff" + b"ww1436e0e65a779aee",
        b"0123456789abcdef" + b"\x00\x00\x00\x00",
        b"0123456789abcdef" + b"\x00\x00\x00\x01" + b"ww1436e0e65a779aee",
    ],
    ids=["nothing", "only random bytes", "too long a length", "no receiver", "a length off by one"],
)
def test_what_is_not_in_the_form_does_not_open(plain: bytes) -> None:
    with pytest.raises(Unverified):
        unseal(encrypt(pad(plain), CORP), CORP)


@pytest.mark.parametrize("last", [0, 33, 255])
def test_a_padding_that_cannot_be_does_not_open(last: int) -> None:
    with pytest.raises(Unverified, match="EncodingAESKey"):
        unseal(encrypt(bytes(63) + bytes([last]), CORP), CORP)


@pytest.mark.parametrize("not_base64", ["%%%%", "AAA", "汉字", "\ud800"])
def test_what_is_not_base64_does_not_open(not_base64: str) -> None:
    with pytest.raises(Unverified, match="base64"):
        unseal(not_base64, CORP)


@given(st.binary(max_size=300))
def test_whatever_is_sealed_opens_to_the_same(message: bytes) -> None:
    assert unseal(seal(message, CORP), CORP) == message


@given(st.binary(max_size=8).map(lambda blocks: blocks * 32))
def test_no_plain_text_breaks_it(padded: bytes) -> None:
    opens_or_refuses(encrypt(padded, CORP))


@given(st.one_of(st.text(max_size=100), st.binary(max_size=200).map(lambda b: b.hex())))
def test_no_text_breaks_it(sealed: str) -> None:
    opens_or_refuses(sealed)


@given(st.data())
def test_no_change_of_a_published_message_breaks_it(data: st.DataObject) -> None:
    vector = data.draw(st.sampled_from(list(VECTORS.values())))
    raw = bytearray(base64.b64decode(vector.sealed))
    raw[data.draw(st.integers(0, len(raw) - 1))] ^= data.draw(st.integers(1, 255))
    opens_or_refuses(base64.b64encode(raw).decode(), vector.keys)


def opens_or_refuses(sealed: str, keys: Keys = CORP) -> None:
    """No error but its own."""
    with contextlib.suppress(Unverified):
        unseal(sealed, keys)


@pytest.mark.parametrize("key", ["", "A" * 42, "A" * 44, "A" * 42 + "=", "汉" * 43])
def test_a_key_of_another_form_is_no_key(key: str) -> None:
    with pytest.raises(ValidationError, match="43 characters"):
        TypeAdapter(EncodingAesKey).validate_python(key)
