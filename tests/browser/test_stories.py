"""The stories that are planted in the examples, found by clicking from the first page.

What a story is, with the ids of its items, says the page of its business in `examples/`.
"""

import re
from dataclasses import dataclass

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import SignIn


@dataclass(frozen=True)
class Told:
    """A story that one customer's timeline tells: these words, in this order.

    Attributes:
        by: kind of identifier and identifier by which the customer is looked up.
        left: whether the page says that they have left.
    """

    name: str
    by: tuple[str, str]
    words: tuple[str, ...]
    left: bool = False


TOLD = (
    Told(
        "telecom 1: a vague promotion, a wrong expectation, passed round by three departments",
        ("customer_id", "YQ100101"),
        ("marketing.sms", "天天要传几个G的文件", "这个月刚到十九号", "转计费核实", "退回市场部"),
    ),
    Told(
        "restaurant 6: a text message without the limit",
        ("customer_id", "rest-c-017"),
        ("marketing.sms", "app.checkout", "套餐券周日不可用", "短信里没看到说明"),
    ),
    Told(
        "car service 1: satisfied, and gone",
        ("customer_id", "CG-10011"),
        ("先开着观察是吧", "第三次进厂", "还行。", "售后关系转为流失"),
        left=True,
    ),
    Told(
        "restaurant 5: satisfied, and comes no more",
        ("customer_id", "rest-c-007"),
        ("满意。老位子", "还行，满意吧。", "自己挑出来就是", "老友回归 20 元券，未领取"),
    ),
    Told(
        "telecom 5: asks calmly, and leaves the day after the contract",
        ("customer_id", "YQ100502"),
        ("贴了膜", "合约哪天到期", "合约到期次日携出"),
        left=True,
    ),
    Told(
        "telecom 3: one person under three identifiers",
        ("phone", "139 0000 0301"),
        ("miniprogram.service", "同学们都是39", "callcentre.inbound", "本人未订购"),
    ),
    Told(
        "car service 5: each knows only a little piece",
        ("customer_id", "CG-10051"),
        ("提车后30天未装好", "状态：已完工", "墙上为什么是空的", "不是我签的", "第三回了啊"),
    ),
    Told(
        "restaurant 4: what a peak and an end save",
        ("customer_id", "rest-c-006"),
        ("订位未保留", "漏上毛肚", "翻了三个泔水桶", "店员送布兔子", "为了那只兔子，十分"),
    ),
    Told(
        "car service 4: resolved in 74 seconds, and not heard",
        ("customer_id", "CG-10078"),
        ("我话还没说完呢", "一分多钟就把我打发了"),
    ),
    Told(
        "car service 6: the way in by the app",
        ("customer_id", "CG-10018"),
        ("app.booking", "dealer.service", "callcentre.inbound"),
        left=True,
    ),
    Told(
        "car service 6: the way in by the advisor",
        ("customer_id", "CG-10021"),
        ("wecom.chat", "dealer.service", "续订两年保养套餐"),
    ),
)


@dataclass(frozen=True)
class Emergency:
    """Calm words: what is searched for, and what the page of the case shows of them.

    Attributes:
        light: amber where the words are so hedged that the model takes them for a complaint.
    """

    name: str
    searched: str
    words: str
    light: str = "red"


EMERGENCIES = (
    Emergency("car service 2: a soft brake pedal", "刹车踏板", "后排一直装着宝宝座椅"),
    Emergency("car service 2: a burnt smell", "座椅加热 糊味", "摸着有点温", "amber"),
    Emergency("restaurant 1: an allergic child", "花生过敏", "嘴唇"),
    Emergency("restaurant 1: gas in a private room", "煤气味", "煤气味"),
)


def shown(page: Page) -> None:
    """Every part of the page has come."""
    expect(page.locator("[aria-busy=true]")).to_have_count(0)


def look_up(page: Page, kind: str, value: str) -> None:
    page.get_by_role("link", name="Customers", exact=True).click()
    page.select_option("#kind", kind)
    page.fill("#value", value)
    page.get_by_role("button", name="Find").click()


def search(page: Page, words: str, mode: str = "hybrid") -> Locator:
    """What was found for these words."""
    page.get_by_role("link", name="Search", exact=True).click()
    page.select_option("#mode", mode)
    page.fill("#q", words)
    page.get_by_role("button", name="Search").click()
    shown(page)
    return page.locator(".hit")


@pytest.mark.parametrize("told", TOLD, ids=lambda told: told.name)
def test_a_stitched_timeline_tells_the_story(sign_in: SignIn, told: Told) -> None:
    page = sign_in()
    look_up(page, *told.by)
    expect(page.get_by_role("heading", level=1)).to_contain_text("Customer ")
    shown(page)
    found = page.locator(".happenings").inner_text()
    at = -1
    for words in told.words:
        at = found.find(words, at + 1)
        assert at >= 0, (words, found)
    expect(page.locator("section.risk li", has_text="left on")).to_have_count(int(told.left))


@pytest.mark.parametrize("one", EMERGENCIES, ids=lambda one: one.name)
def test_a_calm_emergency_has_a_case_that_says_why(sign_in: SignIn, one: Emergency) -> None:
    page = sign_in()
    hit = search(page, one.searched).filter(has_text=one.words).first
    expect(hit.locator(".light")).to_have_class(f"light {one.light}")
    hit.get_by_role("link", name="Case ·").click()
    expect(page.locator("#words")).to_be_visible()
    expect(page.locator("blockquote", has_text=one.words).first).to_be_visible()
    expect(page.locator(f"main .light.{one.light}").first).to_be_visible()


@pytest.mark.parametrize(
    ("phone", "people"), [("139 0000 4400", 2), ("139 0000 8104", 2)], ids=["telecom 4", "rest 3"]
)
def test_two_people_who_share_a_phone_stay_two(sign_in: SignIn, phone: str, people: int) -> None:
    page = sign_in()
    look_up(page, "phone", phone)
    rows = page.locator("#found ~ ul li.row")
    expect(rows).to_have_count(people)
    rows.first.get_by_role("link").click()
    expect(page.locator("#identifiers li", has_text="Shared").first).to_contain_text("Phone")


@pytest.mark.parametrize("words", ["空调异味", "汤盒"], ids=["car service 3", "restaurant 2"])
def test_a_need_is_in_the_records_and_in_no_survey(sign_in: SignIn, words: str) -> None:
    page = sign_in()
    page.get_by_role("link", name="Insights").click()
    page.get_by_role("link", name="Hidden needs").click()
    shown(page)
    expect(page.locator(".says .lead")).to_be_visible()
    hits = search(page, words, "text")
    assert hits.filter(has_text="Employee").count() >= 2
    page.select_option("#channel", "survey")
    page.get_by_role("button", name="Search").click()
    expect(page.get_by_text("Nothing found")).to_be_visible()


def test_a_burst_of_one_fault_is_seen_on_its_evening(sign_in: SignIn) -> None:
    """Telecom 2."""
    page = sign_in()
    page.get_by_role("link", name="Search", exact=True).click()
    page.select_option("#light", "red")
    page.fill("[name=from]", "2026-11-14")
    page.fill("[name=to]", "2026-11-14")
    page.get_by_role("button", name="Search").click()
    shown(page)
    assert page.locator(".hit").count() >= 10
    assert len(set(page.locator(".hit .hit-head span").all_inner_texts())) >= 4, "channels"
    page.get_by_role("link", name="Insights").click()
    page.get_by_role("link", name=re.compile("Emerging")).click()
    shown(page)
    expect(page.locator("table.insight")).to_contain_text("Coverage", ignore_case=True)


def test_figures_of_operations_stand_beside_red_voices(sign_in: SignIn) -> None:
    """Car service 4, restaurant 7."""
    page = sign_in()
    page.get_by_role("link", name="Journey map").click()
    page.get_by_role("link", name="365 days").click()
    card = page.locator("article.place", has_text="callcentre.inbound")
    expect(card.locator(".place-head")).to_contain_text("Red")
    expect(card.locator(".operations")).to_contain_text("n=")
    card.get_by_role("link", name="red").first.click()
    shown(page)
    assert page.locator(".hit").count() >= 10
