"""HTML as mail programs write it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heedful.ingest.mail.html import MAX_CHARS, QUOTE_BELOW, TooDeep, to_text
from heedful.ingest.mail.quotes import own_words


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>第一段</p><p>第二段</p>", "第一段\n\n第二段"),
        ("<div>一</div><div>二</div>", "一\n二"),
        ("一<br>二<br/><br/>三", "一\n二\n\n三"),
        ("<b>很</b>  <i>差</i>\n&nbsp;!", "很 差 !"),
        ("<style>p{}</style><script>x()</script><title>t</title>差", "差"),
        ("<ul><li>慢</li><li>贵</li></ul>", "慢\n贵"),
        ("<table><tr><td>订单</td><td>17</td></tr><tr><td>差</td></tr></table>", "订单 17\n差"),
        ("a &lt;b&gt; &amp; &#x5dee;", "a <b> & 差"),
        ("<blockquote>旧<br>信</blockquote>新", "> 旧\n> 信\n新"),
        ("<blockquote>a<blockquote>b</blockquote></blockquote>", "> a\n> b"),
        ("<pre>a\n  b</pre>", "a\n  b"),
        ("<p>没有结尾<div>也行", "没有结尾\n\n也行"),
        ("只有文字", "只有文字"),
        ("", ""),
        ("<!-- 藏 --><img src=x>", ""),
        ("\x1e<p>x</p>", "x"),
    ],
)
def test_text(html: str, text: str) -> None:
    assert to_text(html) == text


GMAIL = (
    '<div dir="ltr">还没到账<div><br></div><div class="gmail_signature">王伟<br>采购</div></div>'
    '<div class="gmail_quote"><div class="gmail_attr">客服 &lt;<a href="mailto:c@s.example">'
    "c@s.example</a>&gt; 于2026年11月24日周二 16:12写道：<br></div>"
    '<blockquote class="gmail_quote"><div>已退款</div></blockquote></div>'
)
OUTLOOK = (
    "<div>还没到账</div><div id='appendonsend'></div><hr><div id='divRplyFwdMsg'>"
    "<b>发件人:</b> 客服<br><b>主题:</b> 退款</div><div>已退款</div>"
)
OUTLOOK_DESKTOP = (
    '<p class="MsoNormal">还没到账<o:p></o:p></p><div style="border-top:solid #E1E1E1 1.0pt">'
    '<p class="MsoNormal"><b>发件人<span lang="EN-US">:</span></b> 客服 &lt;c@s.example&gt;<br>'
    "<b>发送时间:</b> 2026年11月24日 16:12<br><b>收件人:</b> 王伟<br><b>主题:</b> 退款</p></div>"
    "<p>已退款</p>"
)
QQ = (
    "<div>还没到账</div><div><br></div><div>------------------&nbsp;原始邮件&nbsp;"
    "------------------</div><div>发件人: 客服</div><div>已退款</div>"
)
NETEASE = (
    '<div>还没到账</div><br>在 2026-11-24 16:12:03，"客服" &lt;c@s.example&gt; 写道：<br> '
    '<blockquote id="isReplyContent"><div>已退款</div></blockquote>'
)
MAIL_MASTER = (
    "<div>还没到账</div><div id='ntes-pcmail-signature'>王伟</div><div id='ntes-pcmail-quote'>"
    "<div>---- 回复的原邮件 ----</div><table><tr><td>发件人</td></tr></table>已退款</div>"
)
APPLE = (
    "还没到账<br><blockquote type='cite'><div>在 2026年11月24日，16:12，客服 写道："
    "</div></blockquote><blockquote type='cite'>已退款</blockquote>"
)
YAHOO = "<div>还没到账</div><div id='yahoo_quoted_1' class='yahoo_quoted'>已退款</div>"
FOXMAIL = (
    "<div><span></span>还没到账</div><blockquote><div>&nbsp;</div><div><b>发件人：</b>客服</div>"
    "<div>已退款</div></blockquote>"
)


@pytest.mark.parametrize(
    "html",
    [GMAIL, OUTLOOK, OUTLOOK_DESKTOP, QQ, NETEASE, MAIL_MASTER, APPLE, YAHOO, FOXMAIL],
)
def test_the_earlier_mail_is_known_by_its_markup(html: str) -> None:
    assert own_words(to_text(html)) == "还没到账"


def test_the_mark_of_the_markup_cannot_be_written_by_the_sender() -> None:
    assert QUOTE_BELOW not in to_text(f"a<p>{QUOTE_BELOW}</p>&#30;b")


@pytest.mark.parametrize(
    "html", ["<div>" * 3000, "<table><tr><td>" * 3000, "x" * (MAX_CHARS + 1), "<b>" * 40_000]
)
def test_too_much_is_refused(html: str) -> None:
    with pytest.raises(TooDeep):
        to_text(html)


def test_elements_that_nobody_closes_are_no_depth() -> None:
    assert to_text("<p>a<br><img src=x>" * 5000).startswith("a\n")


MARKUP = (
    "<div> </div> <p> <br> <td> <tr> </b> <b> <blockquote> </blockquote> <pre> </pre> 字 a <style>"
    " </style> <!-- --> &amp; <svg> <li>"
)


@given(st.lists(st.sampled_from([*MARKUP.split(), " ", "\n"])))
def test_any_markup_is_text(parts: list[str]) -> None:
    assert isinstance(to_text("".join(parts)), str)
