"""One feedback, as the console shows it: words, labels with their evidence, and whose it is."""

from typing import Any

from heedful.common.contracts import (
    Colour,
    Embedding,
    Emotion,
    Enrichment,
    Intent,
    Light,
    Opinion,
    Perception,
    Score,
    Span,
    Urgency,
)
from heedful.common.contracts.enrichment import (
    EmotionLabel,
    IntentLabel,
    PerceptionLabel,
    Polarity,
    Reason,
    UrgencyLevel,
)
from heedful.common.contracts.feedback import ScoreKind
from heedful.common.events import Delivery
from heedful.common.security import Scope
from heedful.common.topics import FEEDBACK_ENRICHED
from tests.integration.conftest import OTHER_API_KEY, TENANT
from tests.integration.journey.world import NOW, Journey, problem
from tests.keys import make_key
from tests.unit.journey.material import at, delivery, feedback

TEXT = "𠮷野家排队太久,气死了"  # as people write it
SLOW = Span(start=3, end=7, text="排队太久")
PHONE = "phone:13900001234"
MEMBER = "member_card:m1"


def understood(number: int, *names: str) -> Delivery:
    """A feedback with labels of most kinds."""
    plain = feedback(
        number,
        *names,
        source="wechat/shop 1",
        text=TEXT,
        touchpoint="store.visit",
        department="store",
        conversation_id="k1",
        score=Score(kind=ScoreKind.STARS, value=1, minimum=1, maximum=5),
    ).payload
    assert isinstance(plain, Enrichment)
    reason = Reason(code="angry", label_zh="愤怒", label_en="Anger", evidence=(SLOW,))
    angry = Span(start=8, end=11, text="气死了")
    payload = plain.model_copy(
        update={
            "emotions": (
                Emotion(label=EmotionLabel.ANGRY, intensity=4, confidence=0.8, evidence=(angry,)),
            ),
            "opinions": (
                Opinion(
                    opinion=Span(start=5, end=7, text="太久"),
                    aspect=Span(start=3, end=5, text="排队"),
                    polarity=Polarity.NEGATIVE,
                    topic="service.queue",
                    confidence=0.9,
                ),
            ),
            "perceptions": (
                Perception(
                    label=PerceptionLabel.HASSLE, intensity=3, confidence=0.7, evidence=(SLOW,)
                ),
            ),
            "intent": Intent(label=IntentLabel.COMPLAINT, confidence=0.9, evidence=(angry,)),
            "urgency": Urgency(level=UrgencyLevel.NORMAL, confidence=0.9),
            "light": Light(colour=Colour.RED, reasons=(reason,)),
            "embedding": Embedding.of("m1", b"\x01" * 512),
        }
    )
    return delivery(FEEDBACK_ENRICHED, payload, payload.id, "nlp", at(number))


async def record(journey: Journey, id_: str, source: str = "wechat/shop 1") -> Any:
    return await journey.get("/v1/records", source=source, id=id_)


async def test_a_record_has_the_words_and_all_that_was_understood(journey: Journey) -> None:
    sent = understood(3, PHONE)
    await journey.consume(sent)
    found = await record(journey, "f3")
    payload = sent.payload
    assert isinstance(payload, Enrichment)
    whole = payload.model_dump(mode="json")
    shown = {name: found.pop(name) for name in list(found) if name in whole and name != "id"}
    assert shown == {name: whole[name] for name in shown}
    assert shown.keys() == whole.keys() - {"tenant", "id", "feedback", "reprocessed", "embedding"}
    assert found == {
        "source": "wechat/shop 1",
        "id": "f3",
        "channel": "chat",
        "text": TEXT,
        "occurred_at": "2026-11-01T11:00:00Z",
        "received_at": "2026-11-01T11:00:00Z",
        "touchpoint": "store.visit",
        "department": "store",
        "conversation_id": "k1",
        "score": {"kind": "stars", "value": 1.0, "minimum": 1.0, "maximum": 5.0},
        "customer_id": await journey.customer_of(PHONE),
        "matched_by": "identifier",
        "enrichment_id": payload.id,
    }
    words = shown["opinions"][0]["opinion"]
    assert found["text"][words["start"] : words["end"]] == words["text"] == "太久"


async def test_a_record_is_of_the_customer_of_today(journey: Journey) -> None:
    await journey.consume(understood(3, PHONE), feedback(4, MEMBER))
    before = (await record(journey, "f3"))["customer_id"]
    await journey.consume(feedback(5, PHONE, MEMBER))
    found = await record(journey, "f3")
    assert found["customer_id"] != before
    assert found["customer_id"] == await journey.customer_of(MEMBER)
    assert found["customer_id"] == (await record(journey, "f4", "crm"))["customer_id"]


async def test_a_record_without_identifiers_is_of_its_conversation_or_nobody(
    journey: Journey,
) -> None:
    await journey.consume(understood(3))
    found = await record(journey, "f3")
    assert (found["customer_id"], found["matched_by"]) == (None, None)
    await journey.consume(feedback(4, PHONE, conversation_id="k1"))
    found = await record(journey, "f3")
    customer = await journey.customer_of(PHONE)
    assert (found["customer_id"], found["matched_by"]) == (customer, "conversation")


async def test_what_is_not_there_or_another_tenants_is_a_404(journey: Journey) -> None:
    await journey.consume(understood(3, PHONE))
    there = {"source": "wechat/shop 1", "id": "f3"}
    for params in ({**there, "id": "f4"}, {**there, "source": "wechat/shop"}):
        answer = await journey.client.get("/v1/records", params=params)
        assert params["id"] in problem(answer, 404, "not-found")["detail"]
    other = {"X-API-Key": OTHER_API_KEY}
    answer = await journey.client.get("/v1/records", params=there, headers=other)
    problem(answer, 404, "not-found")


async def test_a_record_is_named_by_both_and_shown_to_who_may_read(journey: Journey) -> None:
    there = {"source": "crm", "id": "f1"}
    for params in ({"source": "crm"}, {"id": "f1"}, {**there, "id": "\x00"}):
        problem(await journey.client.get("/v1/records", params=params), 422, "invalid")
    rest = [scope.value for scope in Scope if scope is not Scope.JOURNEY_READ]
    _, stranger = await make_key(journey.platform.engine, TENANT, rest, NOW)
    answer = await journey.client.get("/v1/records", params=there, headers={"X-API-Key": stranger})
    problem(answer, 403, "forbidden")
