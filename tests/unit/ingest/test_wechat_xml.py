"""XML from outside: what it may not do."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heedful.ingest.channels import Malformed
from heedful.ingest.channels.wechat_xml import MAX_XML_BYTES, xml_fields

LAUGHS = (
    "<!DOCTYPE xml [<!ENTITY a 'ha'>"
    + "".join(
        f"<!ENTITY {new} '{f'&{old};' * 10}'>"
        for old, new in zip("abcdefghi", "bcdefghij", strict=True)
    )
    + "]><xml><Content>&j;</Content></xml>"
)


def test_texts_are_found_by_name() -> None:
    found = xml_fields(
        "<xml><Content><![CDATA[ 你好 <b> ]]></Content><MsgId>1</MsgId></xml>".encode()
    )
    assert found.at("Content").text() == "你好 <b>"
    assert found.at("Content").place == "Content"
    assert found.at("MsgId").text() == "1"
    assert found.at("Recognition").missing


def test_what_is_nested_is_left_out() -> None:
    found = xml_fields(b"<xml><ScanCodeInfo><ScanType>qrcode</ScanType></ScanCodeInfo></xml>")
    assert found.at("ScanCodeInfo").missing
    assert found.at("ScanType").missing


@pytest.mark.parametrize(
    "body",
    [
        LAUGHS,
        "<!DOCTYPE xml [<!ENTITY e SYSTEM 'file:///etc/passwd'>]><xml><Content>&e;</Content></xml>",
        "<!DOCTYPE xml SYSTEM 'http://example.com/evil.dtd'><xml/>",
        "<!DOCTYPE xml [<!ENTITY % p SYSTEM 'http://example.com/evil'> %p;]><xml/>",
        "<!DOCTYPE xml><xml/>",
        "<xml><Content>&undefined;</Content></xml>",
        "<xml><Content>",
        "<xml></xml><xml></xml>",
        "<html/>",
        "<?xml version='1.0' encoding='no-such'?><xml/>",
        '{"Encrypt":"…"}',
        "",
    ],
    ids=[
        "billion laughs",
        "external entity",
        "external DTD",
        "parameter entity",
        "document type",
        "unknown entity",
        "cut",
        "two roots",
        "another root",
        "unknown encoding",
        "JSON",
        "nothing",
    ],
)
def test_anything_else_is_malformed(body: str) -> None:
    with pytest.raises(Malformed):
        xml_fields(body.encode())


def test_the_size_is_bounded() -> None:
    with pytest.raises(Malformed, match="longer than"):
        xml_fields(b"<xml>" + b" " * MAX_XML_BYTES + b"</xml>")


def test_the_greatest_depth_that_fits_does_no_harm() -> None:
    depth = MAX_XML_BYTES // 7 - 2
    assert xml_fields(b"<xml>" + b"<a>" * depth + b"</a>" * depth + b"</xml>").at("a").missing


def test_an_error_quotes_nothing_of_the_body() -> None:
    with pytest.raises(Malformed) as caught:
        xml_fields(b"<xml><Secret>13900001234</Secre></xml>")
    assert "13900001234" not in str(caught.value)


@given(
    st.one_of(
        st.binary(max_size=200),
        st.text(max_size=100).map(
            lambda text: f"<xml><C>{text}</C></xml>".encode("utf-8", "surrogatepass")
        ),
    )
)
def test_no_bytes_break_it(body: bytes) -> None:
    try:
        found = xml_fields(body)
    except Malformed:
        return
    assert isinstance(found.value, dict)
