"""Made-up numbers and codes that name nobody: what must stay as it is."""

from random import Random

from tests.unit.ingest.personal.documents import luhn
from tests.unit.ingest.personal.people import address_shop
from tests.unit.ingest.personal.spelling import Fill, digits, letters

_ALNUM = "ABCDEFGHJKLMNPQRSTUVWXYZ0123456789"


def order(random: Random, held: bool) -> str:
    day = f"2026{random.randint(1, 12):02}{random.randint(1, 28):02}"
    known = [
        day + digits(random, 8),
        digits(random, random.choice([10, 12, 13, 16])),
        "DD" + digits(random, 14),
        "NO." + digits(random, 9),
    ]
    fresh = [
        day + digits(random, 12),
        digits(random, random.choice([9, 14, 17, 18, 19])),
        f"{digits(random, 3)}-{digits(random, 7)}-{digits(random, 7)}",
        letters(random, 2) + day + digits(random, 6),
        f"M{digits(random, 11)}",
    ]
    return random.choice(fresh if held else known)


def tracking(random: Random, held: bool) -> str:
    known = ["SF" + digits(random, 13), "YT" + digits(random, 13), "7" + digits(random, 13)]
    fresh = [
        "JDVB" + digits(random, 11),
        f"EA{digits(random, 9)}CN",
        "4" + digits(random, 14),
        "1Z999AA1" + digits(random, 10),
        "9" + digits(random, 12),
    ]
    return random.choice(fresh if held else known)


def price(random: Random, held: bool) -> str:
    whole = random.choice([13800, 1399, 158, 19900, 138000, 5999])
    known = [f"{whole}元", f"¥{whole}", f"{whole}.50元", f"{whole}块"]
    fresh = [f"￥{whole:,}.00", f"{whole}块8", f"{whole}RMB", f"人民币{whole}", f"{whole}元整"]
    return random.choice(fresh if held else known)


def model(random: Random, held: bool) -> str:
    return random.choice(
        [
            "ThinkPad X1",
            "i9-13900K",
            "BCD-530WKPZM55",
            "Model Y",
            "KFR-35GW/N8",
            "小米15 Pro",
            "S60 T8",
        ]
        if held
        else ["iPhone 15 Pro", "RTX4090", "A2681", "Mate 60", "WH-1000XM5", "X200-13900"]
    )


def date(random: Random, held: bool) -> str:
    year, month, day = random.randint(2015, 2026), random.randint(1, 12), random.randint(1, 28)
    known = [f"{year}年{month}月{day}日", f"{year}-{month:02}-{day:02}", f"{month}月{day}号"]
    fresh = [
        f"{year}/{month}/{day}",
        f"{year}{month:02}{day:02}",
        f"{year}.{month:02}.{day:02}",
        f"{month}.{day}",
        f"{year}年{month:02}月",
    ]
    return random.choice(fresh if held else known)


def clock(random: Random, held: bool) -> str:
    hour, minute = random.randint(0, 23), random.randint(0, 59)
    return random.choice(
        [f"{hour:02}:{minute:02}", f"{hour:02}:{minute:02}:00" if held else f"{hour}点半"]
    )


def coupon(random: Random, held: bool) -> str:
    known = ["SAVE" + digits(random, 4), letters(random, 8, _ALNUM), "VIP-" + digits(random, 6)]
    fresh = [
        letters(random, 17, _ALNUM),
        "E" + digits(random, 8),
        letters(random, 4) + digits(random, 8),
        letters(random, 16, _ALNUM),
    ]
    return random.choice(fresh if held else known)


def part(random: Random, held: bool) -> str:
    known = ["90915-YZZD2", "1K0615301AA", "A" + digits(random, 10), "W-" + digits(random, 7)]
    fresh = [
        "06A-905-115D",
        "02612302" + digits(random, 2),
        f"{digits(random, 5)}-{digits(random, 5)}",
        f"5Q0 {digits(random, 3)} {digits(random, 3)}",
    ]
    return random.choice(fresh if held else known)


def measure(random: Random, held: bool) -> str:
    number = random.randint(2, 1800)
    units = ["mm", "克", "公里", "毫升", "W"] if held else ["cm", "kg", "分钟", "%", "V"]
    return f"{number}{random.choice(units)}"


def version(random: Random, held: bool) -> str:
    parts = [str(random.randint(0, 19)) for _ in range(random.choice([2, 4]) if held else 3)]
    return ".".join(parts)


def hotline(random: Random, held: bool) -> str:
    known = ["400-800-1234", "95588", "12345", "10086", "4006500311"]
    fresh = [
        "400 650 0311",
        "800-820-8820",
        "95011",
        "12315",
        "110",
        "400-1234-567",
        "4008-123-123",
    ]
    return random.choice(fresh if held else known)


def batch(random: Random, held: bool) -> str:
    known = ["20261124A0" + digits(random, 1), "B" + digits(random, 7), digits(random, 9)]
    fresh = [f"L{digits(random, 6)}-{digits(random, 2)}", digits(random, 10), digits(random, 8)]
    return random.choice(fresh if held else known)


def ean(random: Random, _held: bool) -> str:
    body = random.choice(["690", "693", "490", "400"]) + digits(random, 9)
    total = sum(int(one) * (1 if place % 2 == 0 else 3) for place, one in enumerate(body))
    return body + str(-total % 10)


def imei(random: Random, _held: bool) -> str:
    return luhn(random.choice(["35", "86"]) + digits(random, 12))


def serial(random: Random, held: bool) -> str:
    return letters(random, 12, _ALNUM) if held else "C02" + letters(random, 7, _ALNUM)


def contract(random: Random, held: bool) -> str:
    return f"{'PO' if held else 'HT'}-2026-{digits(random, 6)}"


def ticket(random: Random, held: bool) -> str:
    return random.choice(
        ["#" + digits(random, 7), "T-" + digits(random, 9)]
        if held
        else ["WO2026" + digits(random, 8)]
    )


def flight(random: Random, _held: bool) -> str:
    return random.choice(["CA", "MU", "CZ", "HU"]) + digits(random, 4)


def train(random: Random, _held: bool) -> str:
    return random.choice("GDKZ") + str(random.randint(10, 9999))


def url(random: Random, held: bool) -> str:
    path = letters(random, 8, "abcdefgh0123456789")
    return f"https://{'s.example.cn/v/' if held else 't.cn/'}{path}"


def tax_number(random: Random, _held: bool) -> str:
    return "9131" + digits(random, 4) + "MA" + letters(random, 8, _ALNUM)


def invoice(random: Random, held: bool) -> str:
    return digits(random, 20 if held else 8)


def pickup(random: Random, _held: bool) -> str:
    return f"{random.randint(1, 30)}-{random.randint(1, 9)}-{digits(random, 4)}"


def _between(low: int, high: int, form: str = "{}") -> Fill:
    return lambda random, _held: form.format(random.randint(low, high))


FILLS: dict[str, Fill] = {
    "order": order,
    "tracking": tracking,
    "price": price,
    "model": model,
    "date": date,
    "time": clock,
    "coupon": coupon,
    "part": part,
    "year": _between(1995, 2026),
    "measure": measure,
    "version": version,
    "hotline": hotline,
    "batch": batch,
    "ean": ean,
    "imei": imei,
    "serial": serial,
    "contract": contract,
    "ticket": ticket,
    "flight": flight,
    "train": train,
    "ip": _between(1, 254, "192.168.1.{}"),
    "url": url,
    "zip": _between(100000, 859999),
    "number": _between(2, 999),
    "room": _between(101, 2808),
    "queue": _between(1, 199, "A{}"),
    "floor": _between(1, 33),
    "invoice": invoice,
    "taxno": tax_number,
    "tollfree": _between(1000, 9999, "555-{}"),
    "isbn": _between(100, 999, "978-7-{}-54742-6"),
    "pickup": pickup,
    "price_en": _between(5, 2000, "${}.99"),
    "date_en": _between(1, 28, "Nov {}, 2026"),
    "measure_en": _between(2, 90, "{} inches"),
    "address_shop": address_shop,
}
