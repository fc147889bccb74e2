"""Customers whose identifiers ingest has hashed."""

from heedful.common import identifiers
from heedful.common.contracts import IdentifierType
from heedful.common.identifiers import hashed
from heedful.common.security.secrets import instance_secret
from tests.integration.conftest import TENANT
from tests.integration.journey.world import Journey
from tests.unit.journey.material import feedback, interaction

SPELLINGS = ("13900001234", "+86 139-0000-1234")


async def hashed_phone(journey: Journey, value: str = "+8613900001234") -> str:
    """As ingest writes it."""
    platform = journey.platform
    secret = await instance_secret(platform.engine, platform.secrets, identifiers.SECRET)
    return hashed(secret, TENANT, IdentifierType.PHONE, value)


async def test_they_are_still_one_person(journey: Journey) -> None:
    value = await hashed_phone(journey)
    await journey.consume(
        feedback(1, f"phone:{value}", "member_card:m1"), interaction(2, f"phone:{value}")
    )
    (found,) = await journey.pages("/v1/customers")
    assert {"type": "phone", "value": value, "source": None, "shared": False} in found[
        "identifiers"
    ]
    assert found["events"] == 2


async def test_they_are_found_by_the_number_itself(journey: Journey) -> None:
    value, other = await hashed_phone(journey), await hashed_phone(journey, "+8613900009999")
    await journey.consume(feedback(1, f"phone:{value}"), feedback(2, f"phone:{other}"))
    expected = await journey.customer_of(f"phone:{value}")
    for written in (*SPELLINGS, value):
        (found,) = await journey.pages("/v1/customers", identifier=f"phone:{written}")
        assert found["id"] == expected


async def test_who_was_known_before_is_found_too(journey: Journey) -> None:
    """A tenant that turns hashing on has two customers for one number: nobody can join them."""
    value = await hashed_phone(journey)
    await journey.consume(feedback(1, "phone:13900001234"), feedback(2, f"phone:{value}"))
    assert len(await journey.pages("/v1/customers", identifier="phone:13900001234")) == 2
