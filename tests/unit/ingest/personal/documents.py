"""Made-up numbers of documents, cards, cars and accounts, with right check digits."""

from random import Random

from tests.unit.ingest.personal.spelling import FULL_WIDTH, digits, grouped, letters

_REGIONS = (
    "110105",
    "310104",
    "440305",
    "330106",
    "510107",
    "420111",
    "610113",
    "230103",
    "350203",
    "530102",
    "650102",
    "460105",
)
_ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_VIN_WEIGHTS = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)
_VIN_VALUES = dict(zip("ABCDEFGHJKLMNPRSTUVWXYZ", "12345678123457923456789", strict=True))
_PROVINCES = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼"


def _birth(random: Random) -> str:
    return f"{random.randint(1950, 2012)}{random.randint(1, 12):02}{random.randint(1, 28):02}"


def resident_id(random: Random, held: bool) -> str:
    body = random.choice(_REGIONS) + _birth(random) + digits(random, 3)
    total = sum(int(one) * weight for one, weight in zip(body, _ID_WEIGHTS, strict=True))
    value = body + "10X98765432"[total % 11]
    known = [value, value, value.lower(), grouped(value, (6, 8, 4), " ")]
    fresh = [
        value,
        value,
        grouped(value, (6, 4, 4, 4), " "),
        grouped(value, (6, 8, 4), "-"),
        value.translate(FULL_WIDTH),
        grouped(value, (3, 3, 4, 4, 4), " "),
    ]
    return random.choice(fresh if held else known)


def old_id(random: Random, _held: bool) -> str:
    return random.choice(_REGIONS) + _birth(random)[2:] + digits(random, 3)


def luhn(body: str) -> str:
    """The digits with their check digit (ISO/IEC 7812-1 annex B)."""
    total = 0
    for place, one in enumerate(reversed(body)):
        doubled = int(one) * 2 if place % 2 == 0 else int(one)
        total += doubled - 9 if doubled > 9 else doubled
    return body + str(-total % 10)


def bank_card(random: Random, held: bool) -> str:
    prefix, length = random.choice(
        [
            ("6222", 19),
            ("6217", 19),
            ("6225", 16),
            ("4", 16),
            ("53", 16),
            ("37", 15),
            ("3530", 16),
            ("6228", 19),
            ("2223", 16),
            ("955880", 19),
        ]
    )
    value = luhn(prefix + digits(random, length - len(prefix) - 1))
    known = [value, value, grouped(value, (4, 4, 4, 4), " ")]
    fresh = [
        value,
        grouped(value, (4, 4, 4, 4), "-"),
        grouped(value, (6, 6, 7), " "),
        value.translate(FULL_WIDTH),
        grouped(value, (4, 4, 4, 4), " "),
    ]
    return random.choice(fresh if held else known)


def plate(random: Random, held: bool) -> str:
    head = random.choice(_PROVINCES) + random.choice("ABCDEFGHJK")
    tail = random.choice(
        [
            digits(random, 5),
            letters(random, 1) + digits(random, 4),
            digits(random, 2) + letters(random, 1) + digits(random, 2),
            letters(random, 2) + digits(random, 3),
        ]
    )
    known = [head + tail, head + tail, f"{head}·{tail}", f"{head} {tail}"]
    fresh = [
        head + tail,
        (head + tail).lower(),
        f"{head}-{tail}",
        f"{head}•{tail}",
        (head + tail).translate(FULL_WIDTH),
        f"粤Z{digits(random, 4)}港",
        f"{head}{digits(random, 4)}警",
        f"{head}{digits(random, 4)}学",
    ]
    return random.choice(fresh if held else known)


def new_energy_plate(random: Random, held: bool) -> str:
    head = random.choice(_PROVINCES) + random.choice("ABCDE")
    tail = random.choice(
        [
            random.choice("DF") + digits(random, 5),
            digits(random, 5) + "D",
            "F" + letters(random, 1) + digits(random, 4),
        ]
    )
    forms = (
        [f"{head}·{tail}", f"{head} {tail}", (head + tail).lower()] if held else [f"{head}·{tail}"]
    )
    return random.choice([head + tail, head + tail, *forms])


def vin(random: Random, held: bool) -> str:
    body = random.choice(["LSV", "LFV", "LGB", "WBA", "LVS", "JTD"]) + letters(random, 5)
    tail = letters(random, 1) + letters(random, 1) + digits(random, 6)
    total = sum(
        int(_VIN_VALUES.get(one, one)) * weight
        for one, weight in zip(f"{body}0{tail}", _VIN_WEIGHTS, strict=True)
    )
    value = body + "0123456789X"[total % 11] + tail
    return (
        random.choice([value, value, value.lower(), value.translate(FULL_WIDTH)]) if held else value
    )


def passport(random: Random, held: bool) -> str:
    known = ["E" + digits(random, 8), "G" + digits(random, 8), "EA" + digits(random, 7)]
    fresh = [
        "E" + digits(random, 8),
        "EJ" + digits(random, 7),
        "PE" + digits(random, 7),
        "DE" + digits(random, 7),
        "SE" + digits(random, 7),
        "e" + digits(random, 8),
        "5" + digits(random, 8),
        "P." + digits(random, 7),
    ]
    return random.choice(fresh if held else known)


def permit_macau(random: Random, held: bool) -> str:
    return random.choice(["C", "W"] if not held else ["C", "CA", "CD"]) + digits(
        random, 8 if not held else 7
    )


def permit_home(random: Random, held: bool) -> str:
    return random.choice("HM") + digits(random, 8 if held else random.choice([8, 10]))


def permit_taiwan(random: Random, _held: bool) -> str:
    return digits(random, 8)


def hong_kong_id(random: Random, held: bool) -> str:
    """https://www.immd.gov.hk: one or two letters, six digits, a check digit modulo 11."""
    letter, own = random.choice("ABCDEGHKMPRVYZ"), digits(random, 6)
    total = (
        36 * 9
        + (ord(letter) - 55) * 8
        + sum(int(one) * (7 - place) for place, one in enumerate(own))
    )
    check = "0123456789A"[-total % 11]
    return random.choice(
        [
            f"{letter}{own}({check})",
            f"{letter}{own}（{check}）" if held else f"{letter}{own}({check})",
        ]
    )


def military(random: Random, held: bool) -> str:
    head = random.choice(
        ["军字第", "空字第", "政字第"] if not held else ["南字第", "海字第", "参字第"]
    )
    return f"{head}{digits(random, random.choice([7, 8]))}号"


def wechat(random: Random, held: bool) -> str:
    known = [
        "zhangsan_" + digits(random, 2),
        "wxid_" + letters(random, 6, "abcdefgh") + digits(random, 4),
        "lily" + digits(random, 4),
        "abc-" + digits(random, 4),
    ]
    fresh = [
        "Wang_Fei" + digits(random, 3),
        "wxid_" + digits(random, 6) + "k2m1n0",
        "qiqi" + digits(random, 6),
        "HappyMama",
        "tt-" + digits(random, 5),
        "xiaoyu_baby",
    ]
    return random.choice(fresh if held else known)


def qq(random: Random, _held: bool) -> str:
    return random.choice("123456789") + digits(random, random.choice([5, 7, 8, 9]))


def ssn(random: Random, held: bool) -> str:
    value = (
        random.choice(["123", "456", "512", "219"])
        + digits(random, 2).replace("00", "12")
        + "4"
        + digits(random, 3)
    )
    return random.choice(
        [grouped(value, (3, 2, 4), "-"), value if held else grouped(value, (3, 2, 4), " ")]
    )


def iban(random: Random, held: bool) -> str:
    """ISO 13616: two letters, two check digits modulo 97, the national account number."""
    country, own = random.choice(
        [
            ("DE", digits(random, 18)),
            ("GB", "NWBK" + digits(random, 14)),
            ("FR", digits(random, 23)),
            ("NL", "ABNA" + digits(random, 10)),
        ]
    )
    number = int("".join(str(int(one, 36)) for one in f"{own}{country}00"))
    value = f"{country}{98 - number % 97:02}{own}"
    forms = [value, grouped(value, [4] * (len(value) // 4), " ")]
    return random.choice([*forms, value.lower()] if held else forms)
