"""What colleagues may do with opportunities on a customer that is shared with them."""

import pytest

from contracts.errors import NotFound, NotPermitted
from contracts.values import Role
from servicekit.testing import refused
from tests.integration.opportunity.desk import Desk


class TestCollaborators:
    @pytest.mark.parametrize("role", [Role.REP, Role.MANAGER])
    def test_a_reader_sees_and_changes_nothing(self, desk: Desk, role: Role) -> None:
        owner, reader = desk.someone(Role.REP), desk.someone(role, name="Rolf")
        acme = desk.customer(owner=owner)
        opened = desk.open(owner, acme)
        assert desk.listed(reader) == []
        desk.share(acme, read=reader)
        assert desk.listed(reader) == [opened.id]
        with refused(NotPermitted, "opportunity.read_only"):
            desk.update(reader, opened, name="Mine")
        with refused(NotPermitted, "customer.read_only"):
            desk.open(reader, acme)

    @pytest.mark.parametrize("role", [Role.REP, Role.MANAGER])
    def test_an_editor_changes_them_and_adds_more(self, desk: Desk, role: Role) -> None:
        owner, editor = desk.someone(Role.REP), desk.someone(role, name="Edda")
        acme = desk.customer(owner=owner)
        opened = desk.open(owner, acme)
        desk.share(acme, edit=editor)
        assert desk.update(editor, opened, name="Ours").name == "Ours"
        assert desk.open(editor, acme, name="More").owner.id == editor.user_id

    def test_an_auditor_stays_a_reader(self, desk: Desk) -> None:
        owner, auditor = desk.someone(Role.REP), desk.someone(Role.AUDITOR, name="Aude")
        acme = desk.customer(owner=owner)
        opened = desk.open(owner, acme)
        desk.share(acme, edit=auditor)
        with refused(NotPermitted, "opportunity.read_only"):
            desk.update(auditor, opened, name="Mine")

    def test_it_ends_when_the_customer_service_says_so(self, desk: Desk) -> None:
        owner, reader = desk.someone(Role.REP), desk.someone(Role.REP, name="Rolf")
        acme = desk.customer(owner=owner)
        desk.open(owner, acme)
        desk.share(acme, read=reader)
        desk.share(acme, sequence=3)
        assert desk.listed(reader) == []
        with refused(NotFound, "customer.not_found"):
            desk.open(reader, acme)
