"""Settings that contradict each other stop the start."""

from datetime import timedelta

import pytest

from heedful.alerting.settings import AlertingSettings
from heedful.alerting.webhook import new_secret
from heedful.common.environment import load
from heedful.common.errors import ConfigurationError

PREFIX = "HEEDFUL_ALERTING__"


def test_defaults() -> None:
    red = load(AlertingSettings).policy.rules[0]
    hours = [terms.target for terms in red.clocks.values()]
    assert hours == [timedelta(hours=number) for number in (24, 48, 72)]


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"RESPOND_SECONDS": "10", "WARN_BEFORE_SECONDS": "10"}, "warn_before_seconds"),
        ({"PLAN_SECONDS": "100"}, "plan_seconds"),
        ({"WEBHOOK_URL": "https://example.com/"}, "together"),
        ({"WEBHOOK_SECRET": "hello"}, "whsec_"),
        ({"WEBHOOK_URL": "http://127.0.0.1/", "WEBHOOK_SECRET": new_secret()}, "webhook_url"),
    ],
)
def test_contradictions(
    values: dict[str, str], message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in values.items():
        monkeypatch.setenv(PREFIX + name, value)
    with pytest.raises(ConfigurationError, match=message) as caught:
        load(AlertingSettings)
    assert not any(value in str(caught.value) for name, value in values.items() if "SECRET" in name)
