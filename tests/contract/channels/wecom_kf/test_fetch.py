"""Messages are fetched in order, once, whatever the vendor's server does meanwhile."""

import dataclasses
from collections.abc import AsyncIterator
from datetime import datetime, timedelta

import aiohttp
import orjson
import pytest

from heedful.ingest.channels import Draft, Line, Page, VendorFailure
from heedful.ingest.channels.wecom_kf import Options, Rung, Secrets, WecomKf
from tests.contract.channels.harness import NOW
from tests.contract.channels.wechat import CORP
from tests.contract.channels.wecom_kf.vendor import (
    SECRET,
    Handler,
    Vendor,
    answering,
    breaking_off,
    secrets,
    serving,
    silence,
    text,
)

ONE = Options(open_kfids=("wk1",))


@pytest.fixture
def vendor() -> Vendor:
    return Vendor({"wk1": [text(number) for number in range(5)]})


@pytest.fixture
async def line(vendor: Vendor) -> AsyncIterator[Line]:
    async with serving(vendor) as up:
        yield up


class Reader:
    """Fetches as ingest does: the next page from the cursor of the last."""

    def __init__(self, line: Line, options: Options = ONE) -> None:
        self._line = line
        self._options = options
        self._adapter = WecomKf()
        self.secrets: Secrets = secrets()
        self.cursor: str | None = None
        self.now: datetime = NOW
        self.ids: list[str] = []

    async def page(self) -> Page:
        found = await self._adapter.fetch(
            self._line, self.secrets, self._options, self.cursor, self.now
        )
        self.cursor = found.cursor
        self.ids += [str(item.values["id"]) for item in found.items if isinstance(item, Draft)]
        return found

    async def round(self) -> list[str]:
        """All that waits."""
        before = len(self.ids)
        while (await self.page()).more:
            pass
        return self.ids[before:]

    async def fails(self, match: str) -> VendorFailure:
        """A failure that names no secret and no token, and leaves the cursor where it was."""
        before = self.cursor
        with pytest.raises(VendorFailure, match=match) as caught:
            await self.page()
        assert self.cursor == before
        assert SECRET not in str(caught.value)
        assert "token-" not in str(caught.value)
        return caught.value


@pytest.fixture
def reader(line: Line) -> Reader:
    return Reader(line)


def ids(account: str, numbers: range) -> list[str]:
    return [f"{account}-{number}" for number in numbers]


async def test_pages_follow_each_other_to_the_end(vendor: Vendor, reader: Reader) -> None:
    vendor.page = 2
    assert await reader.round() == ids("wk1", range(5))
    assert vendor.synced == [("wk1", None), ("wk1", "2"), ("wk1", "4")]
    assert all(body["limit"] == 1000 for _, body in vendor.asked)


async def test_the_next_round_goes_on_where_the_last_ended(vendor: Vendor, reader: Reader) -> None:
    await reader.round()
    assert await reader.round() == []
    vendor.messages["wk1"].append(text(5))
    assert await reader.round() == ["wk1-5"]


async def test_an_empty_page_with_more_behind_it_is_not_the_end(
    vendor: Vendor, reader: Reader
) -> None:
    empty = {"errcode": 0, "next_cursor": "3", "has_more": 1, "msg_list": []}
    vendor.odd.append(answering(orjson.dumps(empty)))
    assert await reader.round() == ["wk1-3", "wk1-4"]


async def test_a_page_that_stands_still_does_not_come_for_ever(
    vendor: Vendor, reader: Reader
) -> None:
    still = {"errcode": 0, "next_cursor": "3", "has_more": 1, "msg_list": []}
    vendor.odd += [answering(orjson.dumps(still))] * 2
    assert await reader.round() == []


async def test_each_account_has_its_own_cursor(vendor: Vendor, line: Line) -> None:
    vendor.messages["wk2"] = [text(number, "wk2") for number in range(3)]
    vendor.page = 3
    reader = Reader(line, Options(open_kfids=("wk1", "wk2")))
    assert await reader.round() == ids("wk1", range(5)) + ids("wk2", range(3))
    vendor.messages["wk2"].append(text(3, "wk2"))
    assert await reader.round() == ["wk2-3"]


async def test_accounts_are_looked_up_when_none_is_named(vendor: Vendor, line: Line) -> None:
    vendor.messages |= {f"wk{number}": [] for number in range(2, 150)}
    vendor.unmanaged.add("wk0")
    reader = Reader(line, Options())
    assert await reader.round() == ids("wk1", range(5))
    assert len(vendor.synced) == 149
    assert "wk0" not in [account for account, _ in vendor.synced]


async def test_an_app_without_accounts_is_told_so(vendor: Vendor, line: Line) -> None:
    vendor.messages.clear()
    vendor.unmanaged.add("wk1")
    await Reader(line, Options()).fails("通过API管理微信客服账号")


async def test_too_many_accounts_must_be_named(vendor: Vendor, line: Line) -> None:
    vendor.messages |= {f"wk{number}": [] for number in range(600)}
    await Reader(line, Options()).fails("name them in open_kfids")


async def test_an_account_that_is_refused_does_not_hold_up_the_others(
    vendor: Vendor, line: Line
) -> None:
    vendor.messages = {"wk0": [text(0, "wk0")]} | vendor.messages
    vendor.refused["wk0"] = 95000
    reader = Reader(line, Options(open_kfids=("wk0", "wk1")))
    await reader.fails("errcode 95000")
    assert await reader.round() == ids("wk1", range(5))
    reader.now += timedelta(minutes=10)
    await reader.fails("errcode 95000")
    del vendor.refused["wk0"]
    reader.now += timedelta(minutes=10)
    assert await reader.round() == ["wk0-0"]


async def test_the_last_account_of_a_round_does_not_hold_up_the_next_round(
    vendor: Vendor, line: Line
) -> None:
    vendor.refused["wk2"] = 95000
    reader = Reader(line, Options(open_kfids=("wk1", "wk2")))
    assert (await reader.page()).more
    await reader.fails("errcode 95000")
    vendor.messages["wk1"].append(text(5))
    assert await reader.round() == ["wk1-5"]


async def test_a_refusal_of_the_only_account_stays_visible(vendor: Vendor, reader: Reader) -> None:
    vendor.refused["wk1"] = 95000
    await reader.fails("errcode 95000")
    await reader.fails("errcode 95000")


async def test_a_token_is_kept_until_it_nears_its_end(vendor: Vendor, reader: Reader) -> None:
    await reader.round()
    reader.now += timedelta(hours=1, minutes=54)
    await reader.round()
    assert vendor.tokens == 1
    reader.now += timedelta(minutes=2)
    await reader.round()
    assert vendor.tokens == 2


async def test_a_token_that_ended_early_is_renewed_once(vendor: Vendor, reader: Reader) -> None:
    await reader.round()
    vendor.stale = 1
    vendor.messages["wk1"].append(text(5))
    assert await reader.round() == ["wk1-5"]
    assert vendor.tokens == 2
    vendor.stale = 2
    await reader.fails("errcode 42001")


async def test_another_secret_gets_a_token_of_its_own(vendor: Vendor, reader: Reader) -> None:
    await reader.round()
    reader.secrets = secrets(secret="other")
    await reader.fails(r"errcode 40001 \(the secret is not that of an app of this corp\)")
    reader.secrets = secrets(dataclasses.replace(CORP, receiver="ww0000000000000000"))
    await reader.fails("errcode 40001")


async def test_too_many_calls_are_waited_for(vendor: Vendor, reader: Reader) -> None:
    vendor.refused["wk1"] = 45009
    assert (await reader.fails("45009")).retry_after == timedelta(minutes=1)
    del vendor.refused["wk1"]
    assert await reader.round() == ids("wk1", range(5))


@pytest.mark.parametrize(
    ("odd", "match"),
    [
        (answering(b"", 502), "HTTP 502"),
        (answering(b"", 302), "HTTP 302"),
        (answering(b"<html>"), "the body is not JSON"),
        (answering(b"[]"), "not a JSON object"),
        (answering(b"{}"), "without errcode"),
        (answering(b'{"errcode":"x"}'), "errcode is not a number"),
        (answering(b'{"errcode":-1,"errmsg":"system error"}'), "the vendor is busy"),
        (answering(b'{"errcode":0,"msg_list":{}}'), "msg_list is not a list"),
        (answering(b'{"errcode":0,"msg_list":[],"has_more":[]}'), "has_more is not a number"),
        (answering(b'{"errcode":0,"msg_list":[],"next_cursor":[]}'), "next_cursor is not a text"),
        (answering(b'{"errcode":0,"x":"' + b"a" * 16 * 1024 * 1024 + b'"}'), "more than 16777216"),
        (breaking_off, "could not be asked"),
    ],
)
async def test_what_is_no_answer_is_asked_again(
    vendor: Vendor, reader: Reader, odd: Handler, match: str
) -> None:
    vendor.odd.append(odd)
    await reader.fails(match)
    assert await reader.round() == ids("wk1", range(5))


async def test_no_answer_is_given_up(vendor: Vendor, line: Line) -> None:
    vendor.odd.append(silence)
    timeout = aiohttp.ClientTimeout(total=0.05)
    async with aiohttp.ClientSession(timeout=timeout) as http:
        await Reader(dataclasses.replace(line, http=http)).fails("not answered in time")


async def test_a_vendor_that_is_away_is_asked_again(vendor: Vendor) -> None:
    async with serving(vendor) as line:
        pass
    async with aiohttp.ClientSession() as http:
        await Reader(dataclasses.replace(line, http=http)).fails("could not be asked")


async def test_a_token_that_is_no_token_is_not_used(vendor: Vendor, reader: Reader) -> None:
    vendor.lasting = 0
    await reader.round()
    await reader.round()
    assert vendor.tokens == 2


async def test_a_cursor_of_something_else_is_refused(reader: Reader) -> None:
    reader.cursor = "4gw7MepFLfgF2VC5npN"
    await reader.fails("kept cursor")


async def test_the_account_that_rang_goes_first_with_the_token_of_its_ring(
    vendor: Vendor, line: Line
) -> None:
    vendor.messages["wk2"] = [text(number) for number in range(2)]
    hint = Rung(open_kfid="wk2", token="ENC-ring").model_dump_json()  # of a ring
    rung = Reader(dataclasses.replace(line, hint=hint), Options(open_kfids=("wk1", "wk2")))
    assert len(await rung.round()) == 7
    asked = [body for path, body in vendor.asked if path.endswith("sync_msg")]
    assert [(one["open_kfid"], one.get("token")) for one in asked] == [
        ("wk2", "ENC-ring"),
        ("wk1", None),
    ]


async def test_a_ring_for_an_account_that_is_not_read_changes_nothing(
    vendor: Vendor, line: Line
) -> None:
    hint = Rung(open_kfid="wk9", token="ENC-ring").model_dump_json()  # of a ring
    assert len(await Reader(dataclasses.replace(line, hint=hint)).round()) == 5
    assert vendor.synced == [("wk1", None)]
