"""Chatwoot's guide, https://www.chatwoot.com/hc/user-guide/articles/1677693021-how-to-use-webhooks
(`guide.json` is its sample), and for 4.x its code, https://github.com/chatwoot/chatwoot:
`webhook_data` of its models, lib/webhooks/trigger.rb, pull request 13573.
"""

from datetime import timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import given

from heedful.ingest.channels import Malformed, Unverified
from heedful.ingest.channels.chatwoot import Chatwoot, Options, Secrets, signature
from tests.contract.channels.harness import (
    NOW,
    Case,
    expect,
    mutations,
    reads_or_refuses,
    refuses_changed_bodies,
    refuses_other_secrets,
    refuses_replays,
    request,
)

FOLDER = Path(__file__).parent
SECRET = "Zt7mVx2kQ9rB4nLw8sYc1dHe"
TOKEN = "token-of-an-older-chatwoot"
ADAPTER = Chatwoot()


def body(name: str, **changes: Any) -> bytes:
    document = orjson.loads((FOLDER / f"{name}.json").read_bytes())
    return orjson.dumps({**document, **changes})


def signed(name: str, **changes: Any) -> Case:
    sent = body(name, **changes)
    stamp = str(int(NOW.timestamp()))
    headers = {
        "X-Chatwoot-Timestamp": stamp,
        "X-Chatwoot-Signature": signature(SECRET, stamp, sent),
        "X-Chatwoot-Delivery": "3f0c9d4e-7f3a-4b9e-9f37-2f3f0b8f6d10",
    }
    return Case(ADAPTER, request(sent, headers=headers), Secrets(secret=SECRET), Options())


def test_the_signature_is_the_one_that_openssl_makes() -> None:
    # `printf '1700000000.{"a":1}' | openssl dgst -sha256 -hmac secret`
    wanted = "sha256=49f24e537407743fa4a0242bb63b94b9a47ee99cbbe071ccd8a22550ae411686"
    assert signature("secret", "1700000000", b'{"a":1}') == wanted


@pytest.mark.parametrize(
    "name",
    [
        "incoming", "outgoing", "bot", "automation", "picture", "email", "csat_rating",
        "csat_words", "guide",
    ],
)  # fmt: skip
def test_a_webhook_becomes_its_items(name: str) -> None:
    expect(FOLDER, name, signed(name).items())


@pytest.mark.parametrize("name", ["private", "activity", "csat_sent", "status"])
def test_notes_and_notices_are_nothing(name: str) -> None:
    assert not list(signed(name).items())


def test_a_score_is_one_item_though_it_is_told_twice() -> None:
    (alone,) = signed("csat_rating").items()
    score, _ = signed("csat_words").items()
    assert alone == score


@pytest.mark.parametrize("rating", [0, 6, 2.5, "many"])
def test_a_rating_beyond_its_scale_is_refused(rating: object) -> None:
    values = {"submitted_values": {"csat_survey_response": {"rating": rating}}}
    with pytest.raises(Malformed, match="rating is not a"):
        signed("csat_rating", content_attributes=values).items()


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("2026-11-24T08:14:57.262Z", "2026-11-24T08:14:57.262000+00:00"),
        ("2026-11-24 08:14:57 UTC", "2026-11-24T08:14:57+00:00"),
        (1795508097, "2026-11-24T08:14:57+00:00"),
        (None, None),
    ],
)
def test_times(written: object, read: str | None) -> None:
    (item,) = ADAPTER.parse(request(body("incoming", created_at=written)), Options()).items
    at = getattr(item, "values", {}).get("occurred_at")
    assert (at and at.isoformat()) == read


def test_what_is_not_proven_is_refused() -> None:
    case = signed("incoming")
    refuses_changed_bodies(case)
    refuses_other_secrets(case, Secrets(secret="another-secret-of-theirs"))
    refuses_replays(case, timedelta(minutes=5, seconds=1))


def test_an_older_chatwoot_is_known_by_the_token_in_the_url() -> None:
    secrets = Secrets(token=TOKEN)
    opened = ADAPTER.verify(request(body("incoming"), query={"token": TOKEN}), secrets)
    assert "token" not in opened.query
    for query in ({}, {"token": TOKEN[::-1]}):
        with pytest.raises(Unverified, match="token"):
            ADAPTER.verify(request(body("incoming"), query=query), secrets)


def test_where_there_is_a_secret_a_token_opens_nothing() -> None:
    with pytest.raises(Unverified, match="X-Chatwoot-Timestamp"):
        ADAPTER.verify(request(body("incoming"), query={"token": SECRET}), Secrets(secret=SECRET))


@pytest.mark.parametrize("wrong", [{}, {"secret": SECRET, "token": TOKEN}, {"secret": "short"}])
def test_there_is_one_proof(wrong: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="validation error"):
        Secrets.model_validate(wrong)


@given(mutations(orjson.loads((FOLDER / "incoming.json").read_bytes())))
def test_no_message_breaks_it(document: Any) -> None:
    reads_or_refuses(ADAPTER, request(orjson.dumps(document)), Options())


@given(mutations(orjson.loads((FOLDER / "csat_words.json").read_bytes())))
def test_no_rating_breaks_it(document: Any) -> None:
    reads_or_refuses(ADAPTER, request(orjson.dumps(document)), Options())
