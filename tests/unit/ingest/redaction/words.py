"""Texts that make the rules meet each other, and short ways to redact."""

from hypothesis import strategies as st

from heedful.ingest.redaction import Mode, Redacted, placeholder, redact

KEY = b"k" * 32

# Pieces that make the rules meet each other far more often than random text does.
PIECES = st.sampled_from(
    [
        "13900001234", "139 0000 1234", "+86-", "0086", "110105194912310021",
        "11010519491231002X", "6222021234567894", "6222 0212 3456 7894", "a@b.com", "@", ".com",
        " ", "-", "1", "86", "x", "电话", "，", "<phone>", "１３９", "００００１２３４", "\n",
        "\ud7ff", "٣", "é", "我叫", "李雷", "李雷说", "幺三九", "零零零零幺二三四",
        "三个八", "京A", "12345",
        "京A12345", "微信", "wx_12345", "QQ", "010-62345678", "0", "护照", "E12345678", "地址：",
        "望京花园3号楼2单元501室", "北京市", "<phone_1>", "<qq:9f3a2c1b77d0>", "<", ">", "号",
        "My name is ", "John Smith", "LSVAA4182E2123456", "SSN ", "123-45-6789", "姓名", "：",
        "GB82WEST12345698765432", "(415) 555-2671",
    ]
)  # fmt: skip
TEXTS = st.one_of(
    st.text(max_size=200),
    st.lists(PIECES, max_size=14).map("".join),
    st.text(alphabet="0123456789 -Xx@.a<>", max_size=60),
)
MODES = st.sampled_from(Mode)


def redacted(text: str, mode: Mode = Mode.MASK, key: bytes = KEY) -> Redacted:
    return redact(text, placeholder(mode, key, text))


def masked(text: str) -> str:
    return redacted(text).text
