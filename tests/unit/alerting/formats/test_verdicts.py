"""What answers mean: most robots say 200 and put what is wrong into the body."""

import pytest

from heedful.alerting.endpoint_kinds import EndpointKind
from heedful.alerting.formats import FORMATS
from heedful.alerting.formats.base import Answer, Outcome

KINDS = [kind for kind in EndpointKind if kind is not EndpointKind.EMAIL]


@pytest.mark.parametrize(
    ("kind", "status", "body", "outcome", "throttled"),
    [
        ("standard", 200, "", "delivered", False),
        ("standard", 204, "", "delivered", False),
        ("standard", 302, "", "retry", False),
        ("standard", 404, "", "retry", False),
        ("standard", 410, "", "gone", False),
        ("standard", 429, "", "retry", True),
        ("standard", 500, "", "retry", False),
        ("standard", 502, "", "retry", True),
        ("standard", 504, "", "retry", True),
        ("dingtalk", 200, '{"errcode":0,"errmsg":"ok"}', "delivered", False),
        ("dingtalk", 200, '{"errcode":130101,"errmsg":"send too fast"}', "retry", True),
        ("dingtalk", 200, '{"errcode":410100}', "retry", True),
        ("dingtalk", 200, '{"errcode":310000,"errmsg":"sign not match"}', "retry", False),
        ("dingtalk", 200, '{"errcode":300005,"errmsg":"token is not exist"}', "gone", False),
        ("dingtalk", 200, '{"errcode":430102}', "refused", False),
        ("dingtalk", 200, '{"errcode":-1}', "retry", False),
        ("dingtalk", 200, "<html>", "retry", False),
        ("feishu", 200, '{"code":0,"msg":"success"}', "delivered", False),
        ("feishu", 200, '{"StatusCode":0,"StatusMessage":"success"}', "delivered", False),
        ("feishu", 200, '{"code":11232,"msg":"frequency limited"}', "retry", True),
        ("feishu", 200, '{"code":9499,"msg":"too many request"}', "retry", True),
        ("feishu", 200, '{"code":9499,"msg":"Bad Request"}', "retry", False),
        ("feishu", 200, '{"code":19021,"msg":"sign match fail"}', "retry", False),
        (
            "feishu",
            200,
            '{"code":19001,"msg":"incoming webhook access token invalid"}',
            "gone",
            False,
        ),
        ("wecom", 200, '{"errcode":0,"errmsg":"ok"}', "delivered", False),
        ("wecom", 200, '{"errcode":45009,"errmsg":"api freq out of limit"}', "retry", True),
        ("wecom", 200, '{"errcode":93000,"errmsg":"invalid webhook url"}', "gone", False),
        ("wecom", 200, '{"errcode":40058}', "refused", False),
        ("slack", 200, "ok", "delivered", False),
        ("slack", 404, "no_service", "gone", False),
        ("slack", 400, "invalid_payload", "refused", False),
        ("slack", 429, "", "retry", True),
        ("slack", 403, "action_prohibited", "retry", False),
        ("teams", 202, "", "delivered", False),
        ("teams", 200, "Microsoft Teams endpoint returned HTTP error 429", "retry", True),
        ("teams", 413, "", "refused", False),
        ("pagerduty", 202, '{"status":"success"}', "delivered", False),
        ("pagerduty", 400, "", "refused", False),
        ("pagerduty", 429, "", "retry", True),
    ],
)
def test_verdicts(kind: str, status: int, body: str, outcome: str, throttled: bool) -> None:
    found = FORMATS[EndpointKind(kind)].verdict(Answer(status, body.encode()))
    assert (found.outcome, found.throttled) == (Outcome(outcome), throttled)
    assert (found.reason is None) is (outcome == "delivered")


def test_dingtalk_mutes_for_ten_minutes() -> None:
    found = FORMATS[EndpointKind.DINGTALK].verdict(Answer(200, b'{"errcode":130101}'))
    assert found.mute is not None
    assert found.mute.total_seconds() == 600


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("body", [b"", b"null", b"[]", b'{"errcode":"0","code":null}', b"\xff"])
def test_no_answer_breaks_a_verdict(kind: EndpointKind, body: bytes) -> None:
    for status in (200, 204, 301, 400, 410, 500):
        assert FORMATS[kind].verdict(Answer(status, body)).outcome in Outcome


@pytest.mark.parametrize("kind", list(EndpointKind))
def test_a_reason_repeats_nothing_of_the_answer_but_codes(kind: EndpointKind) -> None:
    body = b'{"errcode":310000,"code":19021,"errmsg":"t0ken","msg":"t0ken"}'
    for status in (200, 400, 500):
        assert "t0ken" not in str(FORMATS[kind].verdict(Answer(status, body)).reason)
