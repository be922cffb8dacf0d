"""What an API key may ask, decided before a service's own rules."""

import pytest

from contracts.customer.customers import GetCustomer, UpdateCustomer
from contracts.errors import NotPermitted
from contracts.identity.users import CreateUser
from contracts.values import Role
from servicekit.context import Work, working
from servicekit.scopes import require_scope
from servicekit.testing import calling, process_named, refused, user_of


class TestRequireScope:
    def test_a_key_with_the_scope_passes(self) -> None:
        with calling(user_of(Role.INTEGRATION, scopes=frozenset({"customer:read"}))):
            require_scope(GetCustomer)

    def test_a_key_without_it_is_told_which_one_it_lacks(self) -> None:
        with (
            calling(user_of(Role.INTEGRATION, scopes=frozenset({"customer:read"}))),
            pytest.raises(NotPermitted, match="lacks the scope customer:write") as refusal,
        ):
            require_scope(UpdateCustomer)
        assert refusal.value.code == "auth.scope_missing"
        assert refusal.value.data == {"scope": "customer:write"}

    def test_what_has_no_scope_is_closed_to_every_key(self) -> None:
        everything = frozenset({"identity:read", "identity:write"})
        with calling(user_of(Role.INTEGRATION, scopes=everything)), refused(NotPermitted, "auth.scope_missing"):
            require_scope(CreateUser)

    @pytest.mark.parametrize("role", [role for role in Role if role is not Role.INTEGRATION])
    def test_people_need_none(self, role: Role) -> None:
        with calling(user_of(role)):
            require_scope(UpdateCustomer)

    def test_processes_need_none(self) -> None:
        with calling(process_named("pool")):
            require_scope(UpdateCustomer)

    def test_who_is_not_signed_in_is_told_so(self) -> None:
        with working(Work()), refused(NotPermitted, "auth.required"):
            require_scope(GetCustomer)
