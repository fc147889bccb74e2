"""https://open.feishu.cn/document/ukTMukTMukTM/uYDNxYjL2QTM24iN0EjN/event-subscription-configure-/encrypt-key-encryption-configuration-case
and, for the vectors, the test of the official SDK:
https://github.com/larksuite/oapi-sdk-go/blob/v3_main/event/dispatcher/dispatcher_test.go
"""

import dataclasses
from datetime import timedelta
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from heedful.ingest.channels import ChannelRequest, Unverified, feishu_proof
from heedful.ingest.channels.feishu import Options, Secrets
from tests.contract.channels.feishu.sealing import (
    ADAPTER,
    KEY,
    SECRETS,
    TOKEN,
    case,
    event,
    sealed,
    signed,
)
from tests.contract.channels.harness import (
    NOW,
    Case,
    is_refused,
    refuses_changed_bodies,
    refuses_other_secrets,
    refuses_replays,
    request,
)

CHALLENGE = {"challenge": "ajls384kdjx98XX", "token": TOKEN, "type": "url_verification"}
# TestDecryptEvent of the SDK: an event that Feishu's own code sealed with the key 1212121212.
SDK_SEALED = (
    "bZ3L7yh6m3Fkuffl4g+3uGjIHnhOm5fVZbKVuyT8t7tcd5ABMYm8l28/X900ZL3knZ7n+sCREu/H2WnIzft0amC7+xWq"
    "NH8o25IU63N4BnZWfHh+4hyG76QPd19vkw2bPJCx9aqxK8Nz+xqFNbk0RdgyWhmgd30jSxHtcQXAllkI7FMpGpOCteJa"
    "d3bLXPDBQIV/xkCtKICCS7Z63gakpxZCLaRZ3qCXP1fapHh+LBIupxenrU6ysc7I3nHmjmKie41IiWwS5puG4zQHhVbq"
    "6KWLcgWm/3NBZOPQy53ucMu75SXA55I7jarVLZXWUcqBGrcgE3vouWbtwgZuzmoTQl0GSh5VYSVvpW992BuGxUWj0XjP"
    "YdICJm6Cr7xouNXwMcdb7N8caVdkdSZeEnswG19qSyDoQhklwzNGW0yiaayulBqJNjfge/G5V3401c2XaIuAeEIo+QQ4"
    "RSNpRGfnHkbu/j55FGQAGWjpuBNaIwZbaUoVP3NkGP+vM5rpEDe3sL2GN+Xsd+g9yBs7FqdMV8mXTGgLjCqjrPrke5/k"
    "m76Q3Pe6KPs2YexMRG4MkSx3xUTzZnNn7zIzShPcjeSwBd2pxk6ht5N+fzueZdxl6Oo="
)


def challenged(body: bytes, secrets: Secrets = SECRETS) -> Any:
    """What Feishu is answered when it asks whether the URL is ours."""
    parsed = ADAPTER.parse(ADAPTER.verify(request(body), secrets), Options())
    assert not parsed.items
    assert parsed.answer is not None
    assert parsed.answer.media == "application/json"
    return orjson.loads(parsed.answer.body)


def test_the_published_ciphertext_opens() -> None:
    sealed_text = "P37w+VZImNgPEO1RBhJ6RtKl7n6zymIbEG1pReEzghk="
    assert feishu_proof.opened(sealed_text, "test key") == b"hello world"
    with pytest.raises(Unverified, match="does not open"):
        feishu_proof.opened(sealed_text, "other key")


def test_an_event_that_feishus_own_code_sealed_opens() -> None:
    secrets = Secrets(verification_token="v", encrypt_key="1212121212")
    assert challenged(orjson.dumps({"encrypt": SDK_SEALED}), secrets) == {"challenge": "1212"}


@pytest.mark.parametrize("broken", ["", "AAAA", "no base64", "QUFBQUFBQUFBQUFBQUFBQQ=="])
def test_what_is_no_ciphertext_is_refused(broken: str) -> None:
    with pytest.raises(Unverified, match="does not open"):
        feishu_proof.opened(broken, KEY)


@given(st.binary(max_size=200))
def test_no_ciphertext_breaks_it(data: bytes) -> None:
    with pytest.raises(Unverified):
        feishu_proof.opened(data.hex(), KEY)


def test_the_challenge_is_answered_plain() -> None:
    plain = Secrets(verification_token=TOKEN)
    assert challenged(orjson.dumps(CHALLENGE), plain) == {"challenge": "ajls384kdjx98XX"}


def test_the_challenge_is_answered_sealed_without_a_signature() -> None:
    assert challenged(sealed(CHALLENGE)) == {"challenge": "ajls384kdjx98XX"}


def test_a_challenge_with_another_token_is_refused() -> None:
    other = {**CHALLENGE, "token": "of somebody else"}
    with pytest.raises(Unverified, match="Verification Token"):
        ADAPTER.verify(request(sealed(other)), SECRETS)


def test_only_a_challenge_goes_unsigned_and_why_not_is_not_told() -> None:
    """A body that does not open and one that opens to something else read alike."""
    refusals = set()
    for body in (sealed(event("text")), sealed(CHALLENGE, "another key"), sealed("no object")):
        with pytest.raises(Unverified) as refused:
            ADAPTER.verify(request(body), SECRETS)
        refusals.add(str(refused.value))
    assert len(refusals) == 1


def test_what_is_not_proven_is_refused() -> None:
    sent = case(event("text"))
    refuses_changed_bodies(sent)
    refuses_other_secrets(sent, Secrets(verification_token=TOKEN, encrypt_key="another key"))
    refuses_other_secrets(sent, Secrets(verification_token="another token", encrypt_key=KEY))
    refuses_replays(sent, feishu_proof.WINDOW + timedelta(seconds=1))


def test_the_last_repetition_of_feishu_is_in_time() -> None:
    """After 15 s, 5 min, 1 h and 6 h."""
    late = timedelta(seconds=15, minutes=5, hours=7)
    assert case(event("text")).received(NOW + late).items()


def test_a_plain_body_is_no_way_around_the_key() -> None:
    body = orjson.dumps(event("text"))
    for sent in (signed(body), request(body)):
        with pytest.raises(Unverified, match="not encrypted"):
            ADAPTER.verify(sent, SECRETS)


def test_an_encrypted_event_asks_for_its_key() -> None:
    with pytest.raises(Unverified, match="give it the Encrypt Key"):
        ADAPTER.verify(signed(sealed(event("text"))), Secrets(verification_token=TOKEN))


@pytest.mark.parametrize("missing", ["X-Lark-Request-Timestamp", "X-Lark-Request-Nonce"])
def test_a_missing_header_is_named(missing: str) -> None:
    sent = signed(sealed(event("text")))
    left = {name: value for name, value in sent.headers.items() if name != missing.lower()}
    with pytest.raises(Unverified, match=missing):
        ADAPTER.verify(dataclasses.replace(sent, headers=left), SECRETS)


@pytest.mark.parametrize("unit", [1, 1000, 1_000_000])
def test_times_are_seconds_milliseconds_or_microseconds(unit: int) -> None:
    stamp = int(NOW.timestamp()) * unit
    assert ADAPTER.verify(signed(sealed(event("text")), stamp=stamp), SECRETS)


def plain_request(created: str) -> ChannelRequest:
    sent = event("text")
    sent["header"]["create_time"] = created
    return request(orjson.dumps(sent))


def test_without_a_key_the_token_and_the_time_of_the_event_are_the_proof() -> None:
    now = str(int(NOW.timestamp() * 1000))
    sent = Case(ADAPTER, plain_request(now), Secrets(verification_token=TOKEN), Options())
    assert sent.items()
    refuses_other_secrets(sent, Secrets(verification_token="another"))
    refuses_replays(sent, feishu_proof.WINDOW + timedelta(seconds=1))
    is_refused(sent.with_body(b"{}"))
    is_refused(Case(ADAPTER, plain_request(""), sent.secrets, Options()))
