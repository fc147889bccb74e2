"""What identifies a person; what names nobody is no identifier."""

import pytest

from heedful.common.contracts import IdentifierType
from heedful.journey.identifiers import STRENGTH, nodes
from tests.unit.journey.material import identifiers


@pytest.mark.parametrize(
    ("kind", "written"),
    [
        ("phone", "139****1234"),
        ("phone", "139••••1234"),
        ("phone", "00000000000"),
        ("phone", "+86 00000000000"),
        ("phone", "110"),
        ("phone", "-"),
        ("phone", "无"),
        ("phone", "unknown"),
        ("email", "l***@example.com"),
        ("customer_id", "\u200b"),
    ],
)
def test_masked_and_empty_values_name_nobody(kind: str, written: str) -> None:
    """Otherwise all who are masked alike would be one person."""
    assert nodes("acme", "crm", identifiers(f"{kind}:{written}"), "CN") == ()


def test_the_same_identifier_twice_is_one() -> None:
    spelled = identifiers("phone:13900001234", "phone:+86 139 0000 1234", "email:A@example.com")
    assert [one.value for one in nodes("acme", "crm", spelled, "CN")] == [
        "a@example.com",
        "+8613900001234",
    ]


def test_the_strongest_comes_first() -> None:
    given_order = identifiers(*(f"{kind}:13900001234" for kind in reversed(list(STRENGTH))))
    found = [one.type for one in nodes("acme", "crm", given_order, "CN")]
    assert found == list(STRENGTH)
    assert found[0] is IdentifierType.CUSTOMER_ID
    assert set(found) == set(IdentifierType)


def test_an_account_belongs_to_its_source_and_the_rest_to_the_tenant() -> None:
    def ids(name: str, source: str = "crm", tenant: str = "acme") -> set[object]:
        return {one.id for one in nodes(tenant, source, identifiers(name), "CN")}

    assert ids("external:7") != ids("external:7", source="shop")
    assert ids("customer_id:7") == ids("customer_id:7", source="shop")
    assert ids("customer_id:7") != ids("customer_id:7", tenant="other")
    assert ids("customer_id:7") != ids("member_card:7")


def test_scope_and_value_do_not_run_into_each_other() -> None:
    one = nodes("acme", "a", identifiers("external:b\x1fc"), "CN")
    other = nodes("acme", "a\x1fb", identifiers("external:c"), "CN")
    assert one[0].id != other[0].id


def test_the_id_of_an_identifier_never_changes() -> None:
    """Every customer id hangs on it: another value here would give everybody a new id."""
    (found,) = nodes("acme", "crm", identifiers("phone:13900001234"), "CN")
    assert str(found.id) == "7f37119d-b8e4-5c00-9395-1a4b85ec8e80"
