"""The fixtures have the shape of https://developer.work.weixin.qq.com/document/path/94670 as SDKs
quote it: gochat (https://github.com/shenghui0779/gochat, corp/kf) and go-workwx
(https://github.com/xen0n/go-workwx, docs/kf.md)."""

import dataclasses
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from heedful.ingest.channels import Answer, Draft, Failed, Malformed, Unverified
from heedful.ingest.channels.reading import Node
from heedful.ingest.channels.wecom_kf import Options, Rung, WecomKf
from heedful.ingest.channels.wecom_kf_messages import drafts
from tests.contract.channels import wechat
from tests.contract.channels.harness import (
    Case,
    are_read,
    expect,
    mutations,
    reads_or_refuses,
    refuses_other_secrets,
    refuses_replays,
    request,
)
from tests.contract.channels.wecom_kf.vendor import secrets

FOLDER = Path(__file__).parent
ADAPTER = WecomKf()
PAGES = sorted(path.stem for path in FOLDER.glob("*.json") if ".expected" not in path.name)
OPTIONS = Options(menu_scores={"101": 5, "102": 1})
RING = (FOLDER / "ring.xml").read_bytes()


def page(name: str) -> Any:
    return orjson.loads((FOLDER / f"{name}.json").read_bytes())


def read(found: Any) -> Sequence[Draft | Failed]:
    return drafts(Node(found), OPTIONS)


def callback(message: bytes, keys: wechat.Keys = wechat.CORP) -> Case:
    sealed = wechat.seal(message, keys)
    sent = request(
        wechat.envelope(sealed, ToUserName=keys.receiver, AgentID="1000002"),
        query=wechat.query(keys, "msg_signature", sealed),
    )
    return Case(ADAPTER, sent, secrets(), OPTIONS)


@pytest.mark.parametrize("name", PAGES)
def test_messages_come_out_with_the_place_of_each_field(name: str) -> None:
    expect(FOLDER, name, read(page(name)))


def test_what_cannot_be_read_goes_to_quarantine_alone() -> None:
    document = page("unreadable")
    failed = [item.raw for item in read(document) if isinstance(item, Failed)]
    assert [orjson.loads(raw) for raw in failed] == document["msg_list"][1:]


def test_the_callback_rings() -> None:
    parsed = ADAPTER.parse(callback(RING).opened(), OPTIONS)
    assert parsed.ring
    assert Rung.read(parsed.hint).open_kfid.startswith("wk")
    assert Rung.read(parsed.hint).token
    assert not parsed.items
    assert parsed.answer == Answer(body=b"success")


def test_another_event_does_not_ring() -> None:
    vector = wechat.VECTORS["corp sends a message"]
    parsed = ADAPTER.parse(callback(vector.message).opened(), OPTIONS)
    assert not parsed.ring
    assert parsed.answer == Answer(body=b"success")


def test_a_published_callback_is_opened() -> None:
    vector = wechat.VECTORS["corp sends a message"]
    sent = request(wechat.envelope(vector.sealed), query=vector.query, received_at=vector.at)
    assert ADAPTER.verify(sent, secrets()).body == vector.message


def test_a_published_verification_is_echoed() -> None:
    vector = wechat.VECTORS["corp verifies the URL"]
    verification = vector.query | {"echostr": vector.sealed}
    sent = request(method="GET", query=verification, received_at=vector.at)
    opened = ADAPTER.verify(sent, secrets())
    assert ADAPTER.parse(opened, OPTIONS).answer == Answer(body=vector.message)
    for changed in ({"echostr": vector.sealed[:-8]}, {"nonce": "1"}, {"msg_signature": "0" * 40}):
        with pytest.raises(Unverified):
            ADAPTER.verify(dataclasses.replace(sent, query=verification | changed), secrets())


def test_what_is_not_proven_is_refused() -> None:
    case = callback(RING)
    wechat.refuses_changed_seals(case)
    refuses_replays(case, timedelta(minutes=5, seconds=1))
    for other in wechat.others(wechat.CORP):
        refuses_other_secrets(case, secrets(other))


def test_a_body_without_a_seal_is_malformed() -> None:
    with pytest.raises(Malformed, match="Encrypt is missing"):
        ADAPTER.verify(request(RING, query=wechat.query(wechat.CORP, "msg_signature")), secrets())


@pytest.mark.parametrize(
    "options",
    [
        {"open_kfids": ["wk 1"]},
        {"menu_scores": {"101": 6}},
        {"menu_scale": [5, 1]},
        {"menu_scale": [1]},
        {"menu_scale": ["-inf", "inf"]},
        {"open_kfid": "wk1"},
    ],
)
def test_options_that_make_no_sense_are_refused(options: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Options.model_validate(options)


def test_only_what_is_not_the_customers_words_is_cut() -> None:
    document = page("sent")
    image, link = document["msg_list"][0], document["msg_list"][5]
    image["image"]["media_id"] = "m" * 600
    link["link"]["title"] = "长" * 3000
    cut = [item.values for item in read(document) if isinstance(item, Draft)]
    assert cut[0]["attributes"]["media_id"] == "m" * 499 + "…"
    assert cut[5]["summary"] == "长" * 1999 + "…"
    link |= {"msgtype": "text", "text": {"content": "长" * 100_001}}
    assert isinstance(read(document)[5], Failed)


@given(st.binary(max_size=200))
def test_no_sealed_bytes_break_it(message: bytes) -> None:
    reads_or_refuses(ADAPTER, callback(message).opened(), OPTIONS)


@given(st.sampled_from(PAGES).flatmap(lambda name: mutations(page(name))))
def test_no_page_breaks_it(document: Any) -> None:
    if isinstance(document, dict):
        try:
            items = read(document)
        except Malformed:
            return
        are_read(items)
