"""Settings of who may act as a person."""

import base64
from typing import Any

import pytest
from pydantic import ValidationError

from heedful.common.actor_settings import ConsoleSettings, OidcSettings

KEY = base64.b64encode(b"k" * 32).decode()


@pytest.mark.parametrize(
    "given",
    [
        {"public_keys": "main"},
        {"public_keys": f":{KEY}"},
        {"public_keys": "main:****"},
        {"public_keys": "main:" + base64.b64encode(b"k" * 31).decode()},
        {"secrets": "main:" + base64.b64encode(b"k" * 31).decode()},
        {"secrets": "main:" + base64.b64encode(b"k" * 129).decode()},
        {"public_keys": f"main:{KEY},main:{KEY}"},
        {"secrets": f"main:{KEY},main:{KEY}"},
    ],
)
def test_a_wrong_key_stops_the_start_and_is_not_quoted(given: dict[str, Any]) -> None:
    with pytest.raises(ValidationError) as raised:
        ConsoleSettings(**given)
    messages = " ".join(one["msg"] for one in raised.value.errors())
    assert KEY not in messages


def test_several_keys_have_commas_between_them() -> None:
    found = ConsoleSettings.model_validate({"public_keys": f"a:{KEY}, b:{KEY}"})
    assert found.public_keys == (f"a:{KEY}", f"b:{KEY}")


@pytest.mark.parametrize(
    ("given", "taken"),
    [
        ({"issuer": "https://login.example.com"}, True),
        ({"issuer": "http://login.example.com"}, False),
        ({"issuer": "http://keycloak:8080/realms/x", "allow_http": True}, True),
        ({"issuer": "file:///etc/passwd", "allow_http": True}, False),
        ({"issuer": "https://a.example", "jwks_url": "http://a.example/keys"}, False),
        ({"issuer": "login.example.com"}, False),
    ],
)
def test_a_provider_is_reached_with_tls(given: dict[str, Any], taken: bool) -> None:
    if taken:
        assert OidcSettings(**given).issuer == given["issuer"]
    else:
        with pytest.raises(ValidationError, match="https"):
            OidcSettings(**given)
