"""Simulated people whose true identity is known.

Households of one to four. A person has a name, mostly a phone, a mail address, WeChat ids, a card
and a customer id of their own; what a `Trouble` says is shared, mistyped or doubled. Everything
follows from the seed.
"""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields

from heedful.common.contracts import Identifier, IdentifierType
from heedful.common.identifiers import hashed, normalised
from heedful.journey.identifiers import Node, nodes
from tests.unit.journey.material import TENANT

_SECRET = b"s" * 32
_SHOP_PHONE = "13800138000"
_FAMILY = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨"
_GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超霞平刚桂英华文建国红玉兰"
_WORDS = ("zhang", "li", "wang", "sunny", "ocean", "happy", "tiger", "lucky", "cloud", "star")
_HOSTS = ("qq.com", "163.com", "gmail.com", "example.com")


@dataclass(frozen=True, slots=True)
class Trouble:
    """Shares of people or events, 0 to 1.

    Attributes:
        family_phone: of people in households of several: who uses the phone of another one.
        family_account: of households of several: whose members all use one customer id.
        family_device: of households of several: whose members use one device.
        second_account: of people: who have two customer ids and two cards.
        typo: of mail addresses and phones, each time that one is written.
        placeholder: of events: whose phone is the shop's.
        hashing: whether identifiers come hashed.
    """

    family_phone: float = 0.0
    family_account: float = 0.0
    family_device: float = 0.0
    second_account: float = 0.0
    typo: float = 0.0
    placeholder: float = 0.0
    hashing: float = 0.0

    @property
    def names(self) -> str:
        return ", ".join(one.name for one in fields(self) if getattr(self, one.name))


ALL = Trouble(0.3, 0.1, 0.5, 0.05, 0.02, 0.01, 1.0)
"""At once, as bad as a careless tenant's data."""


@dataclass(slots=True)
class _Person:
    number: int
    name: str
    phone: str | None
    email: str | None
    openid: str | None
    unionid: str | None
    accounts: list[str]
    cards: list[str]
    device: str


@dataclass(frozen=True, slots=True)
class Seen:
    """An event: whose it is in truth, what it carries, and the name in it, if it has one."""

    person: int
    nodes: tuple[Node, ...]
    name: str | None


def crowd(seed: int, people: int, trouble: Trouble) -> list[Seen]:
    """Three to twelve events of each person, in the order of time."""
    chance = random.Random(seed)  # noqa: S311  # not for secrets
    found = [
        event
        for household in _households(chance, people, trouble)
        for person in household
        for event in _events(chance, person, trouble)
    ]
    chance.shuffle(found)
    return found


def _households(
    chance: random.Random, people: int, trouble: Trouble
) -> Iterator[Sequence[_Person]]:
    number = 0
    while number < people:
        size = chance.choices((1, 2, 3, 4), (4, 3, 2, 1))[0]
        family = chance.choice(_FAMILY)
        members = [_person(chance, number + each, family, trouble) for each in range(size)]
        number += size
        if size > 1:
            _share(chance, members, trouble)
        yield members


def _person(chance: random.Random, number: int, family: str, trouble: Trouble) -> _Person:
    def maybe(share: float, value: str) -> str | None:
        return value if chance.random() < share else None

    name = family + "".join(chance.sample(_GIVEN, 2))
    openid = maybe(0.6, f"o-{number}")
    accounts = [f"c-{number}"] if chance.random() < 0.7 else []
    cards = [f"m-{number}"] if chance.random() < 0.4 else []
    if accounts and chance.random() < trouble.second_account:
        accounts.append(f"c-{number}-2")
        cards.append(f"m-{number}-2")
    local = f"{chance.choice(_WORDS)}.{chance.choice(_WORDS)}{number}"
    return _Person(
        number,
        name,
        f"139{chance.randrange(10**8):08d}",
        maybe(0.7, f"{local}@{chance.choice(_HOSTS)}"),
        openid,
        maybe(0.5, f"u-{number}") if openid else None,
        accounts,
        cards,
        f"d-{number}",
    )


def _share(chance: random.Random, members: Sequence[_Person], trouble: Trouble) -> None:
    head = members[0]
    account = chance.random() < trouble.family_account
    device = chance.random() < trouble.family_device
    for one in members[1:]:
        if chance.random() < trouble.family_phone:
            one.phone = head.phone
        if account:
            one.accounts = head.accounts
        if device:
            one.device = head.device


def _events(chance: random.Random, person: _Person, trouble: Trouble) -> Iterator[Seen]:
    for _ in range(chance.randint(3, 12)):
        account = chance.choice(person.accounts) if person.accounts else None
        card = chance.choice(person.cards) if person.cards else None
        phone = person.phone
        if chance.random() < trouble.placeholder:
            phone = _SHOP_PHONE
        written = [
            _identifier(chance, kind, value, trouble)
            for kind, value in _carried(chance, person, phone, account, card)
            if value
        ]
        name = person.name if chance.random() < 0.6 else None
        yield Seen(person.number, nodes(TENANT, "crm", tuple(written), "CN"), name)


def _carried(
    chance: random.Random,
    person: _Person,
    phone: str | None,
    account: str | None,
    card: str | None,
) -> Sequence[tuple[IdentifierType, str | None]]:
    """As the shop, WeChat, the counter, the hotline, a survey, and two apps know somebody."""
    kind = IdentifierType
    forms: Sequence[Sequence[tuple[IdentifierType, str | None]]] = (
        ((kind.CUSTOMER_ID, account), (kind.PHONE, phone), (kind.EMAIL, person.email)),
        (
            (kind.WECHAT_OPENID, person.openid),
            (kind.WECHAT_UNIONID, person.unionid),
            (kind.PHONE, phone),
        ),
        ((kind.MEMBER_CARD, card), (kind.PHONE, phone)),
        ((kind.PHONE, phone),),
        ((kind.EMAIL, person.email), (kind.PHONE, phone)),
        ((kind.EMAIL, person.email), (kind.DEVICE, person.device)),
        ((kind.CUSTOMER_ID, account), (kind.DEVICE, person.device)),
    )
    return chance.choice([form for form in forms if form[0][1]])


def _identifier(
    chance: random.Random, kind: IdentifierType, value: str, trouble: Trouble
) -> Identifier:
    if kind in (IdentifierType.EMAIL, IdentifierType.PHONE) and chance.random() < trouble.typo:
        value = _slip(chance, value)
    if trouble.hashing:
        value = hashed(_SECRET, TENANT, kind, normalised(kind, value, "CN"))
    return Identifier(type=kind, value=value)


def _slip(chance: random.Random, value: str) -> str:
    """One character is another, missing, or changed places with the next one."""
    at = chance.randrange(4, len(value) - 1)
    match chance.randrange(3):
        case 0:
            another = chance.choice("0123456789" if value.isdecimal() else "abcdefgh")
            return value[:at] + another + value[at + 1 :]
        case 1:
            return value[:at] + value[at + 1 :]
        case _:
            return value[:at] + value[at + 1] + value[at] + value[at + 2 :]
