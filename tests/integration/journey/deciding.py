"""Deciding who is who by HTTP, as a lead does it."""

from typing import Any

import httpx

from tests.integration.journey.world import Journey
from tests.people import NOW, Console

CONSOLE = Console()
LEAD = CONSOLE.headers(NOW)
WHY = {"reason": "同一个人，核对过身份证", "evidence": "门店核验单 17"}


async def post(
    journey: Journey, path: str, body: Any, headers: dict[str, str] = LEAD
) -> httpx.Response:
    return await journey.client.post(path, json=body, headers=headers)


async def decided(journey: Journey, path: str, body: Any) -> dict[str, Any]:
    answer = await post(journey, path, body)
    assert answer.status_code in (200, 201), answer.text
    found: dict[str, Any] = answer.json()
    return found


async def merge(journey: Journey, one: str, other: str, **more: Any) -> dict[str, Any]:
    """The customers of two identifiers, given as `type:value`."""
    first, second = await journey.customer_of(one), await journey.customer_of(other)
    body = {"other": second, **WHY, **more}
    return await decided(journey, f"/v1/customers/{first}/merge", body)


async def keep_apart(journey: Journey, one: str, other: str) -> dict[str, Any]:
    first, second = await journey.customer_of(one), await journey.customer_of(other)
    return await decided(journey, f"/v1/customers/{first}/keep-apart", {"other": second, **WHY})


async def unmerge(journey: Journey, customer: str, *parted: str) -> dict[str, Any]:
    """Part identifiers, given as `type:value`, from the customer of one."""
    named = [dict(zip(("type", "value"), one.split(":", 1), strict=True)) for one in parted]
    found = await journey.customer_of(customer)
    return await decided(journey, f"/v1/customers/{found}/unmerge", {"identifiers": named, **WHY})


async def revoke(journey: Journey, decision: dict[str, Any]) -> dict[str, Any]:
    path = f"/v1/identities/decisions/{decision['id']}/revoke"
    return await decided(journey, path, {"reason": "看错了"})
