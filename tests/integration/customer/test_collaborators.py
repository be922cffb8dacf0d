"""Colleagues who see or edit a customer besides its owner, until it is over."""

from datetime import timedelta

import pytest
import sqlalchemy

from contracts.customer.collaborators import AddCollaborator, Collaborator, ListCollaborators, RemoveCollaborator
from contracts.customer.customers import Customer
from contracts.customer.facts import DescribeCustomers
from contracts.customer.history import ChangeKind
from contracts.errors import Conflict, InvalidInput, NotFound, NotPermitted
from contracts.values import Role
from servicekit import clock
from servicekit.context import Caller
from servicekit.database import new_id
from servicekit.testing import calling, refused, user_of
from services.customer import models
from services.customer.operations import collaborators
from tests.integration.customer.office import Office


def share(office: Office, by: Caller, customer: Customer, colleague: Caller, **said: object) -> Collaborator:
    """Let a colleague in."""
    named = {"customer_id": customer.id, "user_id": colleague.user_id, **said}
    return office.ask(by, AddCollaborator.model_validate(named))


def part(office: Office, by: Caller, customer: Customer, colleague: Caller) -> None:
    """Let a colleague out."""
    office.ask(by, RemoveCollaborator(customer_id=customer.id, user_id=colleague.user_id))


def shared_with(office: Office, by: Caller, customer: Customer) -> list[tuple[str, str]]:
    """Who is in."""
    items = office.ask(by, ListCollaborators(customer_id=customer.id)).items
    return [(item.user.name, item.access) for item in items]


def end_what_is_over(office: Office) -> bool:
    """A round of the timer."""
    with calling(office.service), office.database.transaction() as db:
        return collaborators.end_what_is_over(db)


class TestAdd:
    def test_a_reader_sees_it_and_changes_nothing(self, office: Office) -> None:
        customer = office.create(office.rep, "Shared for reading")
        added = share(office, office.rep, customer, office.stranger)
        assert (added.user.id, added.access, added.until) == (office.stranger.user_id, "read", None)
        assert office.read(office.stranger, customer).name == customer.name
        assert customer.name in office.names(office.stranger)
        with refused(NotPermitted, "customer.read_only"):
            office.change(office.stranger, customer, note="mine")

    def test_an_editor_changes_it_but_names_nobody_else(self, office: Office) -> None:
        customer = office.create(office.rep, "Shared for editing")
        share(office, office.rep, customer, office.stranger, access="edit")
        assert office.change(office.stranger, customer, note="ours").note == "ours"
        with refused(NotPermitted, "collaborator.owners_only"):
            share(office, office.stranger, customer, office.colleague)

    def test_a_manager_who_may_only_read_edits_nothing(self, office: Office) -> None:
        customer = office.create(office.stranger, "Of another department")
        share(office, office.stranger, customer, office.manager)
        with refused(NotPermitted, "customer.read_only"):
            office.change(office.manager, customer, note="mine")

    def test_said_again_it_takes_the_place_of_what_was(self, office: Office) -> None:
        customer = office.create(office.rep, "Shared twice")
        share(office, office.rep, customer, office.stranger, access="edit")
        share(office, office.manager, customer, office.stranger, access="read")
        assert shared_with(office, office.rep, customer) == [(office.stranger.name, "read")]

    def test_who_does_not_see_the_customer_learns_nothing_of_it(self, office: Office) -> None:
        customer = office.create(office.rep, "Hidden")
        with refused(NotFound, "customer.not_found"):
            share(office, office.stranger, customer, office.stranger)
        with refused(NotFound, "customer.not_found"):
            part(office, office.stranger, customer, office.stranger)
        with refused(NotFound, "customer.not_found"):
            shared_with(office, office.stranger, customer)

    def test_bad_wishes_are_refused_and_change_nothing(self, office: Office) -> None:
        customer = office.create(office.rep, "Not shared")
        with refused(InvalidInput, "collaborator.over"):
            share(office, office.rep, customer, office.stranger, until=clock.now() - timedelta(minutes=1))
        with refused(InvalidInput, "collaborator.unknown_user"):
            share(office, office.rep, customer, office.rep)
        gone = user_of(Role.REP, name="Gone")
        office.introduce(gone, active=False)
        with refused(InvalidInput, "collaborator.unknown_user"):
            share(office, office.rep, customer, gone)
        assert shared_with(office, office.rep, customer) == []

    def test_no_customer_has_more_than_fifty(self, office: Office) -> None:
        customer = office.create(office.rep, "Crowded")
        rows = [
            {"customer_id": customer.id, "user_id": new_id(), "access": "read", "added_at": clock.now(), "added_by": {}}
            for _ in range(collaborators.MOST)
        ]
        with office.database.transaction() as db:
            db.execute(sqlalchemy.insert(models.Collaborator), rows)
        with refused(Conflict, "collaborator.too_many"):
            share(office, office.rep, customer, office.stranger)

    def test_it_is_announced_with_all_who_are_in(self, office: Office) -> None:
        customer = office.create(office.rep, "Announced")
        share(office, office.rep, customer, office.stranger, access="edit")
        topic, data = office.told(customer.id)[-1]
        said = [{"user_id": str(office.stranger.user_id), "access": "edit"}]
        assert (topic, data["changed"], data["collaborators"]) == ("customer.updated", ["collaborators"], said)
        office.change(office.rep, customer, note="later")
        assert office.told(customer.id)[-1][1]["collaborators"] == said
        facts = office.ask(office.service, DescribeCustomers(customer_ids=[customer.id])).items[0]
        assert [each.model_dump(mode="json") for each in facts.collaborators or ()] == said


class TestRemove:
    def test_who_was_let_out_sees_it_no_more(self, office: Office) -> None:
        customer = office.create(office.rep, "Taken back")
        share(office, office.rep, customer, office.stranger)
        part(office, office.rep, customer, office.stranger)
        with refused(NotFound, "customer.not_found"):
            office.read(office.stranger, customer)
        assert office.told(customer.id)[-1][1]["collaborators"] == []

    def test_one_may_leave_by_oneself(self, office: Office) -> None:
        customer = office.create(office.rep, "Left")
        share(office, office.rep, customer, office.stranger)
        part(office, office.stranger, customer, office.stranger)
        assert shared_with(office, office.rep, customer) == []

    def test_who_is_not_in_can_not_be_let_out(self, office: Office) -> None:
        customer = office.create(office.rep, "Never shared")
        with refused(NotFound, "collaborator.not_found"):
            part(office, office.rep, customer, office.stranger)


class TestEnd:
    @pytest.fixture
    def over(self, office: Office) -> Customer:
        """A customer whose sharing has just ended."""
        customer = office.create(office.rep, f"Over {new_id()}")
        share(office, office.rep, customer, office.stranger, access="edit", until=clock.now() + timedelta(hours=1))
        with office.database.transaction() as db:
            ended = sqlalchemy.update(models.Collaborator).where(models.Collaborator.customer_id == customer.id)
            db.execute(ended.values(until=clock.now() - timedelta(seconds=1)))
        return customer

    def test_it_counts_no_more_from_its_moment_on(self, office: Office, over: Customer) -> None:
        with refused(NotFound, "customer.not_found"):
            office.read(office.stranger, over)
        assert shared_with(office, office.rep, over) == []

    def test_the_others_are_told_of_it_once(self, office: Office, over: Customer) -> None:
        before = len(office.told(over.id))
        assert end_what_is_over(office) is False
        end_what_is_over(office)
        told = office.told(over.id)[before:]
        assert [(topic, data["collaborators"]) for topic, data in told] == [("customer.updated", [])]

    def test_the_history_says_that_the_service_ended_it(self, office: Office, over: Customer) -> None:
        end_what_is_over(office)
        latest = office.history(over)[0]
        assert (latest.kind, latest.record_id) == (ChangeKind.REMOVED, office.stranger.user_id)
        assert latest.actor == office.service.actor
