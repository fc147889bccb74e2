"""What a customer's journey shows, and what it has brought."""

from datetime import timedelta
from typing import Any

from heedful.common.contracts import Colour, InteractionKind
from tests.integration.journey.test_journeys import DAY, fold
from tests.integration.journey.world import NOW, Journey, problem
from tests.unit.journey.material import at, feedback, interaction

ANN = "customer_id:ann"
NOBODY = "0b6f0f5e-4f0d-5d8e-9a53-3a9c8d0f1b11"


def hours_ago(hours: float) -> float:
    """As the material counts them."""
    return (NOW - at(0)) / timedelta(hours=1) - hours


async def customer(journey: Journey, identifier: str = ANN) -> str:
    (found,) = (await journey.get("/v1/customers", identifier=identifier))["items"]
    return str(found["id"])


async def signals(journey: Journey) -> list[Any]:
    found = await journey.get(f"/v1/customers/{await customer(journey)}/signals")
    return list(found["signals"])


async def test_what_was_told_and_what_is_due(journey: Journey) -> None:
    complaints = [
        feedback(number, ANN, hours=hours_ago(back), colour=Colour.RED, topics=["delivery"])
        for number, back in enumerate((50, 25, 1))
    ]
    await journey.consume(complaints[0])
    (due,) = await signals(journey)
    assert (due["kind"], due["standing"], due["colour"]) == ("journey_stuck", "due", "amber")
    assert (due["label_zh"], due["label_en"]) == ("旅程停滞", "Journey stuck")
    assert due["trigger"] == {"kind": "feedback", "source": "crm", "id": "f0"}
    await journey.consume(*complaints[1:])
    before = {one["kind"]: one["standing"] for one in await signals(journey)}
    assert before["repeated_contact"] == "due"
    await fold(journey)
    found = await signals(journey)
    after = {one["kind"]: one["standing"] for one in found}
    assert after == {**before, "repeated_contact": "told"}
    assert [one["at"] for one in found] == sorted((one["at"] for one in found), reverse=True)


async def test_what_showed_long_ago_is_history(journey: Journey) -> None:
    for hour in (1, 2, 3):
        await journey.consume(feedback(hour, ANN, colour=Colour.RED, topics=["delivery"]))
    await fold(journey)
    found = {one["kind"]: one["standing"] for one in await signals(journey)}
    assert found["repeated_contact"] == "history"


async def test_value_counts_days_of_orders(journey: Journey) -> None:
    year = 365 * DAY
    await journey.consume(
        interaction(1, ANN, hours=hours_ago(1.5 * year), amount=30),
        interaction(2, ANN, hours=hours_ago(0.5 * year), amount=50),
        interaction(3, ANN, hours=hours_ago(0.5 * year) + 0.1),
        interaction(4, ANN, hours=hours_ago(1), kind=InteractionKind.PAYMENT, amount=50),
    )
    found = await journey.get(f"/v1/customers/{await customer(journey)}/value")
    assert (found["purchases"], found["paid"], found["paid_last_year"]) == (2, 80, 50)
    assert found["without_amount"] == 1
    assert round(found["days_between"]) == 365


async def test_payments_count_for_who_has_no_order(journey: Journey) -> None:
    await journey.consume(interaction(DAY, ANN, kind=InteractionKind.PAYMENT, amount=9.5))
    found = await journey.get(f"/v1/customers/{await customer(journey)}/value")
    assert (found["purchases"], found["paid"], found["days_between"]) == (1, 9.5, None)


async def test_who_bought_nothing_is_worth_an_answer(journey: Journey) -> None:
    await journey.consume(interaction(DAY, ANN, kind=InteractionKind.BROWSE))
    found = await journey.get(f"/v1/customers/{await customer(journey)}/value")
    assert (found["purchases"], found["paid"], found["first_at"]) == (0, None, None)


async def test_of_nobody_there_is_nothing(journey: Journey) -> None:
    for what in ("signals", "value"):
        answer = await journey.client.get(f"/v1/customers/{NOBODY}/{what}")
        problem(answer, 404, "not-found")
