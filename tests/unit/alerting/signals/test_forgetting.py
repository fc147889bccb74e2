"""What an erasure leaves of a notice of a signal."""

import orjson

from heedful.alerting.samples import sample
from heedful.alerting.signals.store_forgetting import without_why
from heedful.alerting.webhook import EventType
from tests.unit.alerting.messages import NOW


def test_a_notice_keeps_which_signal_it_was_and_loses_why() -> None:
    body = sample(EventType.SIGNALLED, "acme", NOW).body()
    signal = orjson.loads(without_why(body))["data"]["signal"]
    assert (signal["kind"], signal["label_zh"]) == ("repeated_contact", "同一问题多次联系")
    assert (signal["summary_zh"], signal["summary_en"]) == ("erased", "erased")
    assert without_why(body, {"sample"}) != body


def test_other_notices_stay_as_they_are() -> None:
    body = sample(EventType.SIGNALLED, "acme", NOW).body()
    assert without_why(body, {"another"}) is body
    plain = sample(EventType.OPENED, "acme", NOW).body()
    assert without_why(plain) is plain
