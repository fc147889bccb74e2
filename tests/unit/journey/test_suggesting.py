"""Which pairs may be one person, and how likely it looks."""

import uuid
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heedful.common.contracts import IdentifierType
from heedful.journey.spelled_names import spelled
from heedful.journey.suggesting import (
    MAX_BESIDE,
    Profile,
    Suggestion,
    Why,
    meetings,
    similar,
    suggestion,
)

A, B, C = (uuid.UUID(int=number) for number in range(1, 4))
MAIL = "zhang.wei@example.com"


def profile(key: uuid.UUID, *names: str, email: str = "", customer_id: bool = False) -> Profile:
    return Profile(key, frozenset(names), (email,) if email else (), customer_id)


def of(one: Profile, other: Profile, *met: Why) -> Suggestion:
    found = suggestion(one, other, Counter(met))
    assert found is not None
    return found


def test_those_who_meet_in_one_identifier_are_a_pair() -> None:
    found = meetings([(IdentifierType.PHONE, {C, A, B}), (IdentifierType.DEVICE, {B, A})])
    assert found == {
        (A, B): Counter([Why.SHARED_PHONE, Why.SHARED_DEVICE]),
        (A, C): Counter([Why.SHARED_PHONE]),
        (B, C): Counter([Why.SHARED_PHONE]),
    }


def test_where_many_meet_is_a_shop() -> None:
    many = {uuid.UUID(int=number) for number in range(MAX_BESIDE + 1)}
    assert not meetings([(IdentifierType.PHONE, many)])
    many.pop()
    assert meetings([(IdentifierType.PHONE, many)])


def test_a_device_alone_suggests_nothing() -> None:
    assert suggestion(profile(A), profile(B), Counter([Why.SHARED_DEVICE])) is None


def test_a_shared_phone_and_one_name_are_likely_one_person() -> None:
    found = of(profile(B, "李雷"), profile(A, "李雷", "小李"), Why.SHARED_PHONE)
    assert (found.a, found.b) == (A, B)
    assert found.reasons == (Why.SAME_NAME, Why.SHARED_PHONE)
    assert found.score == pytest.approx(1 - 0.5 * 0.7)


def test_each_sign_more_makes_it_likelier_and_each_doubt_less_likely() -> None:
    phone = of(profile(A), profile(B), Why.SHARED_PHONE).score
    both = of(profile(A), profile(B), Why.SHARED_PHONE, Why.SHARED_DEVICE).score
    typo = of(profile(A, email=MAIL), profile(B, email="zhang.wie@example.com"), Why.SHARED_PHONE)
    ids = of(
        profile(A, "李雷", customer_id=True), profile(B, "李雷", customer_id=True), Why.SHARED_PHONE
    )
    named = of(profile(A, "李雷"), profile(B, "李雷"), Why.SHARED_PHONE)
    assert phone < both < typo.score
    assert Why.SIMILAR_EMAIL in typo.reasons
    assert ids.score < named.score
    assert ids.reasons[-1] is Why.TWO_CUSTOMER_IDS


def test_two_names_on_one_phone_are_a_family() -> None:
    one, other = profile(A, "李雷"), profile(B, "韩梅梅")
    assert suggestion(one, other, Counter([Why.SHARED_PHONE])) is None


def test_many_devices_count_as_three() -> None:
    three, ten = (of(profile(A), profile(B), *[Why.SHARED_DEVICE] * n) for n in (3, 10))
    assert three.score == ten.score


@pytest.mark.parametrize(
    "other",
    [
        "zhang.wie@example.com",
        "zhang.wi@example.com",
        "zhang.weii@example.com",
        "zhang.wex@example.com",
        "zhang.wei@exmaple.com",
        "zhang.wei@example.co",
    ],
)
def test_addresses_of_one_slip_are_alike(other: str) -> None:
    assert similar(MAIL, other)
    assert similar(other, MAIL)


@pytest.mark.parametrize(
    "other",
    [MAIL, "zhang.mei@example.org", "li.lei@example.com", "zhangwe@example.com", "iew.gnahz@e.cn"],
)
def test_others_are_not(other: str) -> None:
    assert not similar(MAIL, other)


def test_short_and_hashed_addresses_are_never_alike() -> None:
    assert not similar("abcde@qq.com", "abcdf@qq.com")
    assert similar("abcdef@qq.com", "abcdeg@qq.com")
    assert not similar("hashed:" + "0" * 32, "hashed:" + "0" * 31 + "1")


@given(st.text("abc", min_size=6, max_size=9), st.text("abc", min_size=6, max_size=9))
def test_one_slip_is_what_brute_force_says(one: str, other: str) -> None:
    near = {one[:i] + one[i + 1 :] for i in range(len(one))}
    near |= {one[:i] + x + one[i + 1 :] for i in range(len(one)) for x in "abc"}
    near |= {one[:i] + x + one[i:] for i in range(len(one) + 1) for x in "abc"}
    near |= {one[:i] + one[i + 1] + one[i] + one[i + 2 :] for i in range(len(one) - 1)}
    assert similar(one, other) == (other in near and other != one)


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("王小明", "王小明"),
        (" 王 小明先生", "王小明"),
        ("Mr. John Smith", "johnsmith"),
        ("JOHN  SMITH", "johnsmith"),
        ("阿依·古丽", "阿依古丽"),
        ("<name:9f3a2c1b77d0>", "<name:9f3a2c1b77d0>"),
    ],
)
def test_a_name_has_one_spelling(written: str, name: str) -> None:
    assert spelled(written) == {name}


@pytest.mark.parametrize("written", ["王先生", "王**", "<name>", "<name_1>", "", "X"])
def test_what_names_nobody_is_no_name(written: str) -> None:
    assert not spelled(written)
