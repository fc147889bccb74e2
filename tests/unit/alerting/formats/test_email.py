"""Mail: what it says, to whom, and what no header of it can be made to say."""

import re
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP
from typing import Any

import pytest

from heedful.alerting.formats.base import Mail
from heedful.alerting.formats.email import Email, addresses
from tests.unit.alerting.messages import BUTTONS, URL, WANG, message, target

TO = "mailto:ops@example.com,second@example.com"


def mail(**changes: Any) -> tuple[Mail, EmailMessage]:
    aim = target(url=TO, sender="heedful@example.org")
    request = Email().request(message(**changes), aim)
    parsed = message_from_bytes(request.content, policy=SMTP)
    assert isinstance(parsed, EmailMessage)
    return request, parsed


def test_a_mail() -> None:
    request, parsed = mail(mentions=(WANG,))
    assert request.recipients == ("ops@example.com", "second@example.com", "wang@example.com")
    assert parsed["Subject"] == "[红灯] 新案例"
    assert parsed["Message-ID"] == "<w1@example.org>"
    assert parsed["Auto-Submitted"] == "auto-generated"
    assert parsed.get_content_type() == "text/plain"
    assert URL in parsed.get_content()


def test_with_buttons_it_is_also_html_in_which_nothing_else_leads_anywhere() -> None:
    _, parsed = mail(buttons=BUTTONS, text="<a href='https://evil.example'>x</a>\n**y**")
    plain, html = parsed.iter_parts()
    assert (plain.get_content_type(), html.get_content_type()) == ("text/plain", "text/html")
    for one in BUTTONS:
        assert f"{one.label}: {one.url}" in plain.get_content()
    found = re.findall(r'<a href="([^"]+)">([^<]+)</a>', html.get_content())
    assert found == [(URL, "查看"), *((one.url, one.label) for one in BUTTONS)]
    assert html.get_content().count("<a") == len(found)


def test_a_title_adds_no_header() -> None:
    request, parsed = mail(title="x\r\nBcc: evil@example.net")
    assert parsed["Bcc"] is None
    assert "evil@example.net" not in request.recipients


@pytest.mark.parametrize(
    "url",
    [
        "mailto:nobody",
        "mailto:a@b",
        "mailto:a@example.com?bcc=b@example.com",
        "mailto:a%0Ab@example.com",
        "mailto:Name <a@example.com>",
        "https://example.com/",
        "mailto:" + ",".join(f"a{number}@example.com" for number in range(51)),
    ],
)
def test_urls_that_are_no_addresses(url: str) -> None:
    with pytest.raises(ValueError, match="e-mail endpoint"):
        addresses(url)


def test_mail_may_go_to_who_is_called_alone() -> None:
    assert addresses("mailto:") == []
