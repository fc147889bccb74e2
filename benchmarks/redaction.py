"""What redaction costs: microseconds of CPU for a text of about 60 characters.

    .venv/bin/python benchmarks/redaction.py [--rounds 9]

Texts without personal data, with one value, with three, and nine in ten without; in each mode. One
core; the fastest and the median of the rounds.
"""

import argparse
import sys
import time
from collections.abc import Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.support import machine, median, table
from heedful.ingest.redaction import Mode, placeholder, redact

_KEY = b"k" * 32
_REPEATS = 300
_NONE = (
    "昨天在你们店里做的保养，今天高速上刹车突然变软了，打电话等了半个小时也没有人接，太让人失望了，请尽快处理。",
    "订单号20261124000123已经过去5天了还没有发货，客服400-800-1234打了30分钟没人接，我要求马上退款，不然投诉。",
    "店员态度很好，耐心讲解了很久，环境也干净，就是停车不太方便，绕了三圈才找到位置，下次还会带家人一起来的。",
    "The parcel 20261124 arrived broken, nobody answers, please refund.",
)
_ONE = (
    "昨天在你们店里做的保养，今天高速上刹车突然变软了，打电话没有人接，太让人失望了，请马上回电13900001234。",
    "我的快递到现在还没有收到，你们送错地方了，请重新送到幸福里小区3栋2单元501，放在门口就可以了，谢谢你们。",
    "Please call me back at 415-555-2671, the parcel arrived broken.",
)
_THREE = (
    "我叫李晓明，昨天做的保养，今天刹车变软了，请打13900001234，车牌京A12345，订单号20261124000123。",
    "姓名：王芳，电话：139-0000-1234，地址：北京市朝阳区望京西路12号，退款到现在还没有到账，请你们尽快查。",
)
_CASES: dict[str, Sequence[str]] = {
    "no personal data": _NONE,
    "one value": _ONE,
    "three values": _THREE,
    "mixed, nine of ten without": (*_NONE, *_NONE, *_NONE[:1], *_ONE[:1]),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=9)
    rounds = parser.parse_args().rounds
    rows = []
    for name, texts in _CASES.items():
        for mode in Mode:
            found = sorted(_microseconds(texts, mode) for _ in range(rounds))
            characters = sum(map(len, texts)) / len(texts)
            rows.append(
                (name, mode.value, f"{characters:.0f}", f"{found[0]:.0f}", f"{median(found):.0f}")
            )
    print(machine())
    table(("texts", "mode", "characters", "fastest µs", "median µs"), rows)


def _microseconds(texts: Sequence[str], mode: Mode) -> float:
    begun = time.process_time()
    for _ in range(_REPEATS):
        for text in texts:
            redact(text, placeholder(mode, _KEY, text))
    return (time.process_time() - begun) / (_REPEATS * len(texts)) * 1e6


if __name__ == "__main__":
    main()
