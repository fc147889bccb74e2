"""Templates: what they can do, and all that they cannot."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heedful.alerting.formats.dingtalk import DingTalk
from heedful.alerting.formats.slack import Slack
from heedful.alerting.templates.engine import LONGEST_OUTPUT, TemplateRefused, render

FORM = DingTalk()
VALUES: dict[str, Any] = {
    "channel": "call",
    "reasons": ["起火", "[x](https://evil.example)"],
    "names": ["a" * 2000] * 20,
    "url": "https://heedful.example.com/v1/cases/c1",
    "deadlines": {"respond": "2026-03-02 16:00"},
    "due": "",
}


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("{{ channel | upper }}", "CALL"),
        ("{{ bold(channel) }}", "**call**"),
        ("{{ link('打开', url) }}", "[打开](https://heedful.example.com/v1/cases/c1)"),
        ("{{ deadlines.respond }}", "2026-03-02 16:00"),
        ("{% if due %}x{% else %}{{ reasons | length }}{% endif %}", "2"),
        ("{% for one in reasons %}{{ loop.index }}{% endfor %}", "12"),
        ("{{ '# 题' ~ channel }}", "＃ 题call"),
        ("# {{ channel }}", "# call"),
    ],
)
def test_what_a_template_can(source: str, expected: str) -> None:
    assert render(source, FORM, VALUES) == expected


def test_values_are_escaped_and_links_go_where_they_say() -> None:
    found = render("{% for one in reasons %}{{ one }}{% endfor %}", FORM, VALUES)
    assert "[" not in found
    assert "(" not in found
    odd = {"url": "https://x.example/)[y](javascript:alert)", "js": "javascript:alert(1)"}
    assert render("{{ link('a', url) }}|{{ link('b', js) }}", FORM, odd) == "a|b"
    assert render("{{ link('a|b', url) }}", Slack(), VALUES).startswith("<https://heedful")


@pytest.mark.parametrize(
    "source",
    [
        "{{ 'a' * 999999999 }}",
        "{{ 2 ** 99999 }}",
        "{{ range(10 ** 9) }}",
        "{% for a in range(9) %}{% endfor %}",
        "{% for a in 'abc' %}{% endfor %}",
        "{% for a in url %}{% endfor %}",
        "{% for a in names %}{% for b in names %}{% for c in names %}{% endfor %}{% endfor %}"
        "{% endfor %}",
        "{{ channel.__class__ }}",
        "{{ channel.__class__.__mro__ }}",
        "{{ channel['__class__'] }}",
        "{{ ''.join(names) }}",
        "{{ '{0.__class__}'.format(channel) }}",
        "{{ '%99999999d' | format(1) }}",
        "{{ channel | center(99999999) }}",
        "{{ channel | replace('c', 'd') }}",
        "{{ channel | attr('__class__') }}",
        "{{ names | map('upper') | list }}",
        "{{ lipsum() }}",
        "{{ cycler }}",
        "{{ self }}",
        "{{ names.append('x') }}",
        "{{ names.append }}",
        "{{ deadlines.items }}",
        "{{ bold }}",
        "{{ nothing }}",
        "{{ deadlines.plan }}",
        "{{ channel.nothing.at }}",
        "{% set a = 1 %}",
        "{% include 'x' %}",
        "{% import 'x' as y %}",
        "{% extends 'x' %}",
        "{% macro a() %}{% endmacro %}",
        "{% block a %}{% endblock %}",
        "{% call bold('a') %}{% endcall %}",
        "{% filter upper %}a{% endfilter %}",
        "{{ channel",
        "{{ " + "(" * 300 + "1" + ")" * 300 + " }}",
        "{% if 1 %}" * 60 + "{% endif %}" * 60,
        "x" * 9000,
    ],
)
def test_what_a_template_cannot(source: str) -> None:
    with pytest.raises(TemplateRefused) as caught:
        render(source, FORM, VALUES)
    assert "evil" not in str(caught.value)


def test_the_output_ends() -> None:
    many = "{% for a in names %}{% for b in names %}{{ a }}{{ b }}{% endfor %}{% endfor %}"
    assert len(render(many, FORM, VALUES)) == LONGEST_OUTPUT


@given(st.text(max_size=60))
def test_any_source_is_rendered_or_refused(source: str) -> None:
    for text in (source, "{{ " + source + " }}", "{% " + source + " %}"):
        try:
            render(text, FORM, VALUES)
        except TemplateRefused:
            continue
