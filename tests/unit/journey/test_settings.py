"""Settings of journey."""

import pytest

from heedful.common.environment import load
from heedful.common.errors import ConfigurationError
from heedful.journey.settings import JourneySettings


def test_phones_are_chinese_unless_told() -> None:
    assert load(JourneySettings).phone_region == "CN"


@pytest.mark.parametrize("region", ["XX", "cn", "China", ""])
def test_a_region_that_no_number_has_is_refused(
    region: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HEEDFUL_JOURNEY__PHONE_REGION", region)
    with pytest.raises(ConfigurationError, match="HEEDFUL_JOURNEY__PHONE_REGION"):
        load(JourneySettings)
