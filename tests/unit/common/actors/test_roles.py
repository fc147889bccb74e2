"""The order of roles, and what each may without an API key."""

from itertools import pairwise

import pytest

from heedful.common.security.keys import Principal, Scope
from heedful.common.security.role_scopes import SCOPES
from heedful.common.security.roles import Role


def test_roles_are_ordered_by_what_they_may() -> None:
    mixed = [Role.ADMIN, Role.LEAD, Role.AGENT, Role.MANAGER]
    assert sorted(mixed) == [Role.AGENT, Role.LEAD, Role.MANAGER, Role.ADMIN]
    assert Role.ADMIN > Role.AGENT
    assert Role.LEAD <= Role.LEAD
    with pytest.raises(TypeError):
        _ = Role.LEAD < "manager"


def test_a_higher_role_may_all_that_a_lower_may() -> None:
    for lower, higher in pairwise(Role):
        principal = Principal("acme", "oidc:x", SCOPES[higher])
        assert all(principal.may(Scope(scope)) for scope in SCOPES[lower])


def test_only_an_admin_makes_keys_or_erases() -> None:
    for scope in (Scope.KEYS_WRITE, Scope.PRIVACY_ERASE, Scope.PRIVACY_WRITE):
        assert [r for r in Role if Principal("a", "k", SCOPES[r]).may(scope)] == [Role.ADMIN]
