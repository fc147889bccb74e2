"""What becomes of one feedback is one trace, from its request to the webhook."""

from collections.abc import Mapping
from itertools import pairwise

from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.trace import SpanKind

from heedful.common.topics import FEEDBACK_ENRICHED, FEEDBACK_RECEIVED
from tests.integration.tracing.conftest import Seen
from tests.patience import until

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
CALLER = "00f067aa0ba902b7"
SAID = "高速上刹车突然失灵，差点出人命"
PHONE = "13900001234"
POST = "POST /v1/feedback"
RECEIVED = FEEDBACK_RECEIVED.name
ENRICHED = FEEDBACK_ENRICHED.name
FEEDBACK = {
    "id": "call-1",
    "source": "callcentre",
    "channel": "call",
    "text": SAID,
    "identifiers": [{"type": "phone", "value": PHONE}],
}


async def told(seen: Seen) -> None:
    """A red feedback was posted within the caller's trace, and the webhook was sent."""

    async def taken() -> bool:
        answer = await seen.client.post(
            "/v1/feedback?mood=angry",
            json=FEEDBACK,
            headers={"traceparent": f"00-{TRACE}-{CALLER}-01"},
        )
        return answer.status_code == 202

    await until(taken)
    await until(lambda: bool(seen.received) and bool(seen.named("POST")))


def handled(seen: Seen, group: str, sent: ReadableSpan) -> ReadableSpan:
    """The span in which a group handled a record, alone or with others."""
    (found,) = [
        one
        for one in seen.spans.get_finished_spans()
        if (one.attributes or {}).get("messaging.consumer.group.name") == group
        and own(sent) in {link.context.span_id for link in one.links}
    ]
    return found


def status(span: ReadableSpan) -> int:
    return int((span.attributes or {})["http.response.status_code"])


def parent(span: ReadableSpan) -> int:
    assert span.parent is not None
    return int(span.parent.span_id)


def own(span: ReadableSpan) -> int:
    return int(span.context.span_id)


async def test_a_feedback_is_one_trace_from_its_request_to_the_webhook(seen: Seen) -> None:
    await told(seen)
    (request,) = [one for one in seen.named(POST) if status(one) == 202]
    (sent,) = seen.named(f"send {RECEIVED}")
    understood = handled(seen, "heedful.nlp", sent)
    (enriched,) = seen.named(f"send {ENRICHED}")
    judged = handled(seen, "heedful.alerting", enriched)
    (webhook,) = [one for one in seen.named("POST") if f"{own(one):016x}" in str(seen.received[0])]
    chain = [request, sent, understood, enriched, judged, webhook]
    assert {f"{one.context.trace_id:032x}" for one in chain} == {TRACE}
    assert f"{parent(request):016x}" == CALLER
    # alerting may have read both records at once.
    assert parent(judged) in {own(sent), own(enriched)}
    for above, below in pairwise(chain):
        assert below is judged or parent(below) == own(above), (above.name, below.name)
    assert [one.kind for one in chain] == [
        SpanKind.SERVER,
        SpanKind.PRODUCER,
        SpanKind.CONSUMER,
        SpanKind.PRODUCER,
        SpanKind.CONSUMER,
        SpanKind.CLIENT,
    ]
    assert seen.received[0] == f"00-{TRACE}-{own(webhook):016x}-01"


async def test_its_statements_are_in_it_and_those_of_loops_are_in_none(seen: Seen) -> None:
    await told(seen)
    (enriched,) = seen.named(f"send {ENRICHED}")
    judged = handled(seen, "heedful.alerting", enriched)
    spans = seen.spans.get_finished_spans()
    statements = [one for one in spans if "db.query.text" in (one.attributes or {})]
    assert own(judged) in {parent(one) for one in statements}
    known = {own(one) for one in spans}
    assert all(parent(one) in known for one in statements)


async def test_spans_hold_nothing_that_a_customer_said(seen: Seen) -> None:
    await told(seen)
    for span in seen.spans.get_finished_spans():
        written = span.to_json()
        for planted in (SAID, PHONE, "angry", "/hook"):
            assert planted not in written, span.name


async def test_its_latency_names_it(seen: Seen) -> None:
    """An exemplar, in the format that has them."""
    await told(seen)
    asked: Mapping[str, str] = {"accept": "application/openmetrics-text; version=1.0.0"}
    answer = await seen.client.get("/metrics", headers=asked)
    assert answer.headers["content-type"].startswith("application/openmetrics-text")
    (line, *_) = [
        line
        for line in answer.text.splitlines()
        if line.startswith("heedful_http_request_seconds_bucket") and TRACE in line
    ]
    assert f'# {{trace_id="{TRACE}"}}' in line
    assert (await seen.client.get("/metrics")).headers["content-type"].startswith("text/plain")


async def test_probes_are_no_traces(seen: Seen) -> None:
    await seen.client.get("/healthz")
    await seen.client.get("/metrics")
    assert [one for one in seen.spans.get_finished_spans() if one.kind is SpanKind.SERVER] == []
