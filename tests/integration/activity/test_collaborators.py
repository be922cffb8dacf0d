"""What colleagues may do with activities and follow-ups of a customer that is shared with them."""

import pytest

from contracts.errors import NotFound, NotPermitted
from contracts.values import Role
from servicekit.testing import refused
from tests.integration.activity.desk import Desk


class TestCollaborators:
    @pytest.mark.parametrize("role", [Role.REP, Role.MANAGER])
    def test_a_reader_sees_and_records_nothing(self, desk: Desk, role: Role) -> None:
        owner, reader = desk.someone(Role.REP), desk.someone(role, name="Rolf")
        acme = desk.customer(owner=owner)
        logged, planned = desk.log(owner, acme), desk.plan(owner, acme)
        assert desk.activities(reader) == []
        desk.share(acme, read=reader)
        assert [touch.id for touch in desk.activities(reader)] == [logged.id]
        with refused(NotPermitted, "customer.read_only"):
            desk.log(reader, acme)
        with refused(NotPermitted, "follow_up.read_only"):
            desk.complete(reader, planned)

    @pytest.mark.parametrize("role", [Role.REP, Role.MANAGER])
    def test_an_editor_records_and_completes(self, desk: Desk, role: Role) -> None:
        owner, editor = desk.someone(Role.REP), desk.someone(role, name="Edda")
        acme = desk.customer(owner=owner)
        planned = desk.plan(owner, acme)
        desk.share(acme, edit=editor)
        assert desk.log(editor, acme).owner.id == editor.user_id
        assert desk.complete(editor, planned).done_at is not None

    def test_it_ends_when_the_customer_service_says_so(self, desk: Desk) -> None:
        owner, reader = desk.someone(Role.REP), desk.someone(Role.REP, name="Rolf")
        acme = desk.customer(owner=owner)
        desk.log(owner, acme)
        desk.share(acme, read=reader)
        desk.share(acme, sequence=3)
        assert desk.activities(reader) == []
        with refused(NotFound, "customer.not_found"):
            desk.log(reader, acme)
