"""Made-up values and the ways in which people write them; `held` has ways that `tune` has not."""

from collections.abc import Callable, Sequence
from random import Random

Fill = Callable[[Random, bool], str]

FULL_WIDTH = {code: code + 0xFEE0 for code in range(0x21, 0x7F)}
_SPOKEN = "零一二三四五六七八九"
_COUNTED = {2: "两", 3: "三", 4: "四"}


def digits(random: Random, count: int) -> str:
    return "".join(random.choice("0123456789") for _ in range(count))


def letters(random: Random, count: int, alphabet: str = "ABCDEFGHJKLMNPRSTUVWXYZ") -> str:
    return "".join(random.choice(alphabet) for _ in range(count))


def grouped(value: str, sizes: Sequence[int], separator: str) -> str:
    parts, at = [], 0
    for size in sizes:
        parts.append(value[at : at + size])
        at += size
    return separator.join([*parts, value[at:]] if value[at:] else parts)


def mobile(random: Random) -> str:
    return (
        "1"
        + random.choice(["39", "38", "86", "59", "77", "50", "91", "66", "45"])
        + digits(random, 8)
    )


def phone(random: Random, held: bool) -> str:
    plain = mobile(random)
    spaced = grouped(plain, (3, 4, 4), " ")
    known = [
        plain,
        plain,
        plain,
        spaced,
        grouped(plain, (3, 4, 4), "-"),
        "+86" + plain,
        "+86 " + spaced,
        "86-" + plain,
        plain.translate(FULL_WIDTH),
    ]
    if not held:
        return random.choice(known)
    fresh = [
        plain,
        plain,
        grouped(plain, (3, 8), " "),
        grouped(plain, (7, 4), " "),
        grouped(plain, (3, 4, 4), "."),
        f"(+86){spaced}",
        "0086 " + spaced,
        grouped(plain, (3, 4, 4), " - "),
        " ".join(plain),
        "0" + plain,
        grouped(plain, (3, 4, 4), "—"),
        grouped(plain, (3, 3, 5), " "),
        spaced.translate({**FULL_WIDTH, 0x20: 0x3000}),
    ]
    return random.choice(fresh)


def spoken(random: Random, held: bool) -> str:
    plain = mobile(random)
    said = "".join(_SPOKEN[int(one)] for one in plain)
    swapped = said.replace("一", "幺")
    if not held:
        return random.choice(
            [swapped, said, grouped(swapped, (3, 4, 4), "，"), grouped(swapped, (3, 4, 4), " ")]
        )
    return random.choice(
        [
            swapped,
            grouped(swapped, (3, 4, 4), "、"),
            grouped(swapped, (3, 4, 4), "嗯"),
            "1" + swapped[1:],
            grouped(said, (3, 4, 4), "。"),
            _counted(plain),
            " ".join(swapped),
        ]
    )


def _counted(plain: str) -> str:
    """With repeated digits counted: three eights."""
    said, at = "", 0
    while at < len(plain):
        run = len(plain[at:]) - len(plain[at:].lstrip(plain[at]))
        name = _SPOKEN[int(plain[at])].replace("一", "幺")
        said += f"{_COUNTED[run]}个{name}" if run in _COUNTED else name * run
        at += run
    return said


def landline(random: Random, held: bool) -> str:
    if random.random() < 0.5:
        area = random.choice(["010", "021", "020", "0755", "0571"])
        own = random.choice("25678") + digits(random, 7)
    else:
        area = random.choice(["0311", "0591", "0931", "0772", "0898"])
        own = random.choice("25678") + digits(random, 6)
    half = len(own) - 4
    known = [f"{area}-{own}", f"{area} {own}", area + own, f"({area}){own}"]
    fresh = [
        f"{area}-{own}",
        f"{area}-{own[:half]}-{own[half:]}",
        f"（{area}）{own}",
        f"{area} {own[:half]} {own[half:]}",
        f"{area}—{own}",
    ]
    return random.choice(fresh if held else known)


def local(random: Random, held: bool) -> str:
    own = random.choice("25678") + digits(random, random.choice([6, 7]))
    half = len(own) - 4
    return random.choice(
        [own, f"{own[:half]} {own[half:]}" if held else f"{own[:half]}-{own[half:]}"]
    )


def intl(random: Random, held: bool) -> str:
    known = [
        f"+852 9{digits(random, 3)} {digits(random, 4)}",
        f"+1 415 555 {digits(random, 4)}",
        f"+44 7911 {digits(random, 6)}",
        f"+853 6{digits(random, 7)}",
    ]
    fresh = [
        f"+886 9{digits(random, 2)} {digits(random, 3)} {digits(random, 3)}",
        f"+81 90-{digits(random, 4)}-{digits(random, 4)}",
        f"+659{digits(random, 7)}",
        f"00852 6{digits(random, 3)} {digits(random, 4)}",
        f"+1 (212) 555-{digits(random, 4)}",
        f"+49 151 {digits(random, 8)}",
    ]
    return random.choice(fresh if held else known)


def us_phone(random: Random, held: bool) -> str:
    area, own = random.choice(["415", "212", "303", "617"]), "555" + digits(random, 4)
    forms = [f"{area}-{own[:3]}-{own[3:]}", f"{area}.{own[:3]}.{own[3:]}"]
    return random.choice([*forms, f"{area} {own[:3]} {own[3:]}"] if held else [*forms, area + own])


def us_parens(random: Random, _held: bool) -> str:
    return f"({random.choice(['415', '212', '303'])}) 555-{digits(random, 4)}"


def uk_phone(random: Random, held: bool) -> str:
    known = [f"07{digits(random, 3)} {digits(random, 6)}", f"020 7946 0{digits(random, 3)}"]
    fresh = [
        f"07{digits(random, 9)}",
        f"0161 496 0{digits(random, 3)}",
        f"07{digits(random, 3)} {digits(random, 3)} {digits(random, 3)}",
    ]
    return random.choice(fresh if held else known)


def email(random: Random, held: bool) -> str:
    user = random.choice(["zhang.wei", "lily88", "chen_fang", "k.mueller", "boss", "w2020"])
    domain = random.choice(["qq.com", "163.com", "gmail.com", "mail.example.com.cn"])
    known = [f"{user}@{domain}", f"{user}{digits(random, 3)}@{domain}"]
    fresh = [
        f"{user}+shop@{domain}",
        f"{user}＠{domain}",
        f"{user.upper()}@{domain}",
        f"{digits(random, 9)}@qq.com",
        f"{user}-x@my-firm.co.uk",
    ]
    return random.choice(fresh if held else known)


def email_said(random: Random, held: bool) -> str:
    user = random.choice(["zhangwei", "lily88", "fang2001"])
    host = random.choice(["qq", "163", "gmail"])
    return random.choice(
        [f"{user} 艾特 {host} 点 com", f"{user}(at){host}.com", f"{user} @ {host}.com"]
        if held
        else [f"{user}艾特{host}点com", f"{user} @{host}.com"]
    )
