"""The trace context of what is being done."""

from heedful.common import traceparent

ONE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
OTHER = "00-4bf92f3577b34da6a3ce929d0e0e4736-b7ad6b7169203331-01"


def test_it_is_known_inside_and_not_after() -> None:
    assert traceparent.current() is None
    with traceparent.continuing(ONE):
        assert traceparent.current() == ONE
        with traceparent.continuing(None):
            assert traceparent.current() is None
    assert traceparent.current() is None


def test_a_record_is_stamped_anew_and_keeps_where_its_event_began() -> None:
    headers = [("ce_traceparent", ONE.encode()), ("traceparent", ONE.encode()), ("ce_id", b"1")]
    stamped = traceparent.stamped(headers, OTHER)
    assert traceparent.of_record(stamped) == OTHER
    assert sorted(stamped) == sorted(
        [("ce_traceparent", ONE.encode()), ("ce_id", b"1"), ("traceparent", OTHER.encode())]
    )
    assert traceparent.of_record([("ce_id", b"1")]) is None
