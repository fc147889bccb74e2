"""https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md"""

from datetime import timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import given
from standardwebhooks.webhooks import Webhook

from heedful.ingest.channels import Malformed, Unverified
from heedful.ingest.channels.standard_webhooks import Options, Secrets, StandardWebhooks
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
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
OTHER = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"
ADAPTER = StandardWebhooks()


def signed(name: str, *secrets: str) -> Case:
    """The fixture, signed by the specification's own library."""
    body = (FOLDER / f"{name}.json").read_bytes()
    signatures = [Webhook(one).sign("msg_1", NOW, body.decode()) for one in secrets or (SECRET,)]
    headers = {
        "webhook-id": "msg_1",
        "webhook-timestamp": str(int(NOW.timestamp())),
        "webhook-signature": " ".join(signatures),
    }
    return Case(ADAPTER, request(body, headers=headers), Secrets(secret=SECRET), Options())


@pytest.mark.parametrize("name", ["feedback", "interaction"])
def test_an_item_comes_out_with_the_place_of_each_field(name: str) -> None:
    expect(FOLDER, name, signed(name).items())


def test_one_of_several_signatures_is_enough() -> None:
    assert signed("feedback", OTHER, SECRET).items()


def test_what_is_not_proven_is_refused() -> None:
    case = signed("feedback")
    refuses_changed_bodies(case)
    refuses_other_secrets(case, Secrets(secret=OTHER))
    refuses_replays(case, timedelta(minutes=5, seconds=1))


@pytest.mark.parametrize("missing", ["webhook-id", "webhook-timestamp", "webhook-signature"])
def test_a_missing_header_is_named(missing: str) -> None:
    sent = signed("feedback").request
    left = {name: value for name, value in sent.headers.items() if name != missing}
    with pytest.raises(Unverified, match=missing):
        ADAPTER.verify(request(sent.body, headers=left), Secrets(secret=SECRET))


def test_an_unknown_type_is_malformed() -> None:
    with pytest.raises(Malformed, match="type is none of"):
        ADAPTER.parse(request(b'{"type":"user.created","data":{}}'), Options())


@given(mutations(orjson.loads((FOLDER / "feedback.json").read_bytes())))
def test_no_body_breaks_it(document: Any) -> None:
    reads_or_refuses(ADAPTER, request(orjson.dumps(document)), Options())
