"""The fixtures have the shape of the vendor's pages:
https://developers.weixin.qq.com/doc/offiaccount/Message_Management/Receiving_standard_messages.html
https://developers.weixin.qq.com/doc/offiaccount/Message_Management/Receiving_event_pushes.html
`menu_tap` is as wechatpy documents it, `sticker` as WeChat sends it in place of a sticker."""

import dataclasses
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heedful.ingest.channels import (
    Answer,
    ChannelRequest,
    Draft,
    Failed,
    Kind,
    Malformed,
    Unverified,
)
from heedful.ingest.channels.wechat_oa import Options, Secrets, WechatOa
from tests.contract.channels.harness import (
    NOW,
    Case,
    expect,
    reads_or_refuses,
    refuses_other_secrets,
    refuses_replays,
    request,
)
from tests.contract.channels.wechat import (
    ACCOUNT,
    VECTORS,
    Keys,
    envelope,
    others,
    query,
    refuses_changed_seals,
    seal,
)

FOLDER = Path(__file__).parent
ADAPTER = WechatOa()
FIXTURES = sorted(path.stem for path in FOLDER.glob("*.xml"))
OPTIONS = Options(menu_scores={"101": 5, "102": 1})
SUCCESS = Answer(body=b"success")


def secrets(keys: Keys = ACCOUNT, *, require_encrypted: bool = True) -> Secrets:
    return Secrets(
        app_id=keys.receiver,
        token=keys.token,
        encoding_aes_key=keys.aes_key,
        require_encrypted=require_encrypted,
    )


def fixture(name: str) -> bytes:
    return (FOLDER / f"{name}.xml").read_bytes()


def encrypted(message: bytes, keys: Keys = ACCOUNT, **plain: str) -> ChannelRequest:
    sealed = seal(message, keys)
    signed = query(keys, "msg_signature", sealed) | {"encrypt_type": "aes"}
    return request(envelope(sealed, **plain), query=signed)


def plain(message: bytes) -> ChannelRequest:
    return request(message, query=query(ACCOUNT, "signature"))


def case(message: bytes) -> Case:
    return Case(ADAPTER, encrypted(message), secrets(), OPTIONS)


@pytest.mark.parametrize("name", FIXTURES)
def test_a_message_comes_out_with_the_place_of_each_field(name: str) -> None:
    parsed = ADAPTER.parse(case(fixture(name)).opened(), OPTIONS)
    expect(FOLDER, name, parsed.items)
    assert parsed.answer == SUCCESS


def test_a_published_message_is_read() -> None:
    vector = VECTORS["account sends a message"]
    signed = vector.query | {"encrypt_type": "aes"}
    sent = request(envelope(vector.sealed), query=signed, received_at=vector.at)
    (item,) = Case(ADAPTER, sent, secrets(), OPTIONS).items()
    assert isinstance(item, Draft)
    assert item.values["text"] == "abcdteT"


def test_what_is_not_proven_is_refused() -> None:
    sent = case(fixture("text"))
    refuses_changed_seals(sent)
    refuses_replays(sent, timedelta(minutes=5, seconds=1))
    for other in others(ACCOUNT):
        refuses_other_secrets(sent, secrets(other))


def test_only_what_is_sealed_counts_when_it_is_also_sent_plainly() -> None:
    sent = encrypted(fixture("text"), Content="forged", FromUserName="forged")
    (item,) = Case(ADAPTER, sent, secrets(), OPTIONS).items()
    assert isinstance(item, Draft)
    assert "forged" not in str(item.values)


def test_a_plain_message_is_refused_unless_it_is_wanted() -> None:
    sent = plain(fixture("text"))
    with pytest.raises(Unverified, match="安全模式"):
        ADAPTER.verify(sent, secrets())
    wanted = Case(ADAPTER, sent, secrets(require_encrypted=False), OPTIONS)
    expect(FOLDER, "text", wanted.items())
    refuses_other_secrets(
        wanted, secrets(dataclasses.replace(ACCOUNT, token="other"), require_encrypted=False)
    )
    refuses_replays(wanted, timedelta(minutes=5, seconds=1))


def test_the_url_is_verified_with_what_was_given() -> None:
    """Vector of "消息推送"."""
    signed = {
        "signature": "f464b24fc39322e44b38aa78f5edd27bd1441696",
        "timestamp": "1714036504",
        "nonce": "1514711492",
        "echostr": "4375120948345356249",
    }
    keys = dataclasses.replace(ACCOUNT, token="AAAAA")
    at = NOW.fromtimestamp(1714036504, NOW.tzinfo)
    sent = request(method="GET", query=signed, received_at=at)
    opened = ADAPTER.verify(sent, secrets(keys))
    assert ADAPTER.parse(opened, OPTIONS).answer == Answer(body=b"4375120948345356249")
    with pytest.raises(Unverified):
        ADAPTER.verify(sent, secrets())


@pytest.mark.parametrize("echo", ["", "<script>alert(1)</script>", "a b", "9" * 513])
def test_nothing_is_echoed_that_could_be_a_page(echo: str) -> None:
    """`signature` does not cover echostr."""
    signed = query(ACCOUNT, "signature") | {"echostr": echo}
    opened = ADAPTER.verify(request(method="GET", query=signed), secrets())
    with pytest.raises(Malformed):
        ADAPTER.parse(opened, OPTIONS)


def test_leaving_the_account_is_churn_when_the_tenant_says_so() -> None:
    options = Options.model_validate({"unsubscribe_kind": "churn"})
    (item,) = ADAPTER.parse(case(fixture("unsubscribe")).opened(), options).items
    assert isinstance(item, Draft)
    assert item.values["kind"] == "churn"


def test_the_same_event_has_the_same_id_and_no_other_has_it() -> None:
    ids = {
        str(item.values["id"])
        for name in ("subscribe", "subscribe_by_qr", "unsubscribe", "scan", "click", "subscribe")
        for item in case(fixture(name)).items()
        if isinstance(item, Draft)
    }
    assert len(ids) == 5
    assert not any("oyORnuP8q7ou2gfYjqLzSIWZf0rs" in one for one in ids)


@pytest.mark.parametrize("missing", ["FromUserName", "CreateTime", "MsgId", "MsgType"])
def test_what_cannot_be_read_goes_to_quarantine_and_is_answered(missing: str) -> None:
    """Whatever else is answered, WeChat tells the customer that the account is broken."""
    body = fixture("text").replace(missing.encode(), b"Gone")
    parsed = ADAPTER.parse(case(body).opened(), OPTIONS)
    assert parsed.items == [Failed(body, f"{missing} is missing")]
    assert parsed.answer == SUCCESS


def test_words_that_are_too_many_go_to_quarantine_whole() -> None:
    body = fixture("text").replace("预约了".encode(), b"a" * 100_001)
    (item,) = case(body).items()
    assert isinstance(item, Failed)
    assert item.raw == body
    assert "longer than" in item.detail


def test_a_type_to_come_is_an_inbound_contact() -> None:
    body = fixture("image").replace(b"[image]", b"[hologram]")
    (item,) = case(body).items()
    assert isinstance(item, Draft)
    assert item.kind is Kind.INTERACTION
    assert item.values["attributes"]["message_type"] == "hologram"


@given(st.binary(max_size=200))
def test_no_sealed_bytes_break_it(message: bytes) -> None:
    reads_or_refuses(ADAPTER, case(message).opened(), OPTIONS)


@given(st.data())
def test_no_part_that_is_gone_or_another_breaks_it(data: st.DataObject) -> None:
    body = fixture(data.draw(st.sampled_from(FIXTURES))).decode()
    lines = body.splitlines()
    where = data.draw(st.integers(1, len(lines) - 2))
    junk = st.text(st.characters(codec="utf-8", exclude_characters="<&"), max_size=20)
    name = lines[where].partition(">")[0].lstrip("<")
    lines[where] = data.draw(
        st.one_of(st.just(""), junk.map(lambda text: f"<{name}>{text}</{name}>"))
    )
    reads_or_refuses(ADAPTER, case("\n".join(lines).encode()).opened(), OPTIONS)
