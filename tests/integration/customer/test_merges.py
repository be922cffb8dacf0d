"""Two customers made one, and two again."""

from typing import Any

import pytest

from contracts.customer.collaborators import AddCollaborator, ListCollaborators
from contracts.customer.contacts import ListContacts
from contracts.customer.customers import Customer
from contracts.customer.facts import DescribeCustomers
from contracts.customer.merges import GetMerge, ListMerges
from contracts.errors import Conflict, InvalidInput, NotFound, NotPermitted
from contracts.pool.holdings import HoldingAssigned
from contracts.values import Role
from servicekit.context import Caller
from servicekit.database import new_id
from servicekit.testing import refused, user_of
from services.customer.operations import others
from tests.integration.customer.office import Office, at_once

KEPT = ("customers", "contacts", "collaborators")


def two(office: Office, **loser: Any) -> tuple[Customer, Customer]:
    """A survivor and a loser of the rep's."""
    made = office.create(office.rep, "Acme"), office.create(office.rep, "Acme Ltd", **loser)
    return office.read(office.rep, made[0]), office.read(office.rep, made[1])


def share(office: Office, customer: Customer, person: Caller, **fields: Any) -> None:
    shared = AddCollaborator(customer_id=customer.id, user_id=person.user_id, **fields)
    office.ask(office.rep, shared)


def collaborators(office: Office, customer: Customer) -> list[str]:
    found = office.ask(office.admin, ListCollaborators(customer_id=customer.id)).items
    return [each.user.name for each in found]


def contacts(office: Office, customer: Customer) -> list[str]:
    return [each.name for each in office.ask(office.admin, ListContacts(customer_id=customer.id)).items]


class TestMerge:
    def test_the_survivor_has_the_fields_of_both(self, office: Office) -> None:
        survivor, loser = two(office, website="https://acme.example", tags=["vip"], phones=[{"number": "+12025550101"}])
        merge = office.merge(office.rep, survivor, loser, keep={"name": "loser"})
        now = office.read(office.rep, survivor)
        assert (now.name, now.website, now.tags) == ("Acme Ltd", "https://acme.example", ["vip"])
        assert [phone.e164 for phone in now.phones] == ["+12025550101"]
        assert merge.survivor == now

    def test_it_is_found_by_the_losers_phone_and_the_loser_no_more(self, office: Office) -> None:
        name = f"Found {new_id()}"
        survivor = office.create(office.rep, name)
        loser = office.create(office.rep, f"{name} two", phones=[{"number": "+12025550177"}])
        office.merge(office.rep, survivor, loser)
        assert office.names(office.rep, q="+12025550177") == [name]
        assert office.names(office.admin, q=name) == [name]

    def test_contacts_collaborators_and_children_move(self, office: Office) -> None:
        survivor, loser = two(office)
        child = office.create(office.rep, "Child", parent_id=loser.id)
        chief = office.add_contact(office.rep, loser, "Chief")
        office.add_contact(office.rep, loser, "Deputy", reports_to=chief.id)
        share(office, loser, office.stranger, access="edit")
        merge = office.merge(office.rep, survivor, loser)
        assert contacts(office, survivor) == ["Chief", "Deputy"]
        assert collaborators(office, survivor) == ["Stan"]
        assert office.read(office.rep, child).parent_id == survivor.id
        assert merge.moved.model_dump() == {"contacts": 2, "collaborators": 1, "children": 1, "attachments": 0}

    def test_a_collaborator_of_both_has_the_survivors_access(self, office: Office) -> None:
        survivor, loser = two(office)
        share(office, survivor, office.stranger)
        share(office, loser, office.stranger, access="edit")
        office.merge(office.rep, survivor, loser)
        with refused(NotPermitted, "customer.read_only"):
            office.change(office.stranger, office.read(office.stranger, survivor), note="Mine")

    def test_who_reads_the_loser_is_told_where_it_is(self, office: Office) -> None:
        survivor, loser = two(office)
        office.merge(office.rep, survivor, loser)
        with pytest.raises(NotFound) as caught:
            office.read(office.rep, loser)
        assert (caught.value.code, caught.value.data) == ("customer.merged", {"survivor_id": str(survivor.id)})

    def test_who_may_not_see_the_survivor_is_told_nothing(self, office: Office) -> None:
        survivor, loser = two(office)
        office.merge(office.rep, survivor, loser)
        with refused(NotFound, "customer.not_found"):
            office.read(office.stranger, loser)

    def test_a_chain_leads_to_its_end(self, office: Office) -> None:
        first, second = two(office)
        last = office.create(office.rep, "Acme at last")
        office.merge(office.rep, second, first)
        office.merge(office.rep, last, second)
        with pytest.raises(NotFound) as caught:
            office.read(office.rep, first)
        assert caught.value.data == {"survivor_id": str(last.id)}

    def test_the_loser_is_not_written_any_more(self, office: Office) -> None:
        survivor, loser = two(office)
        office.merge(office.rep, survivor, loser)
        for write in (
            lambda: office.change(office.rep, loser, note="Late"),
            lambda: office.add_contact(office.rep, loser, "Late"),
            lambda: share(office, loser, office.stranger),
            lambda: office.merge(office.rep, office.create(office.rep, "Third"), loser),
        ):
            with refused(NotFound, "customer.merged"):
                write()

    def test_nothing_can_be_put_below_it(self, office: Office) -> None:
        survivor, loser = two(office)
        office.merge(office.rep, survivor, loser)
        with refused(InvalidInput, "customer.unknown_parent"):
            office.create(office.rep, "Child", parent_id=loser.id)

    def test_a_parent_and_its_child_become_one_without_a_circle(self, office: Office) -> None:
        top = office.create(office.rep, "Top")
        loser = office.create(office.rep, "Acme Ltd", parent_id=top.id)
        between = office.create(office.rep, "Between", parent_id=loser.id)
        survivor = office.create(office.rep, "Acme", parent_id=between.id)
        office.merge(office.rep, survivor, loser)
        assert office.read(office.rep, survivor).parent_id == top.id
        assert office.read(office.rep, between).parent_id == survivor.id

    def test_others_are_told_of_both(self, office: Office) -> None:
        survivor, loser = two(office, website="https://acme.example")
        contact = office.add_contact(office.rep, loser, "Chief")
        merge = office.merge(office.rep, survivor, loser, reason="The same")
        topic, told = office.told(loser.id)[-1]
        assert topic == "customer.merged"
        assert told == {
            "merge_id": str(merge.id),
            "survivor_id": str(survivor.id),
            "survivor_name": "Acme",
            "loser_id": str(loser.id),
            "loser_name": "Acme Ltd",
            "loser_owner_id": office.rep.id,
            "owner_id": None,
            "pool_id": None,
            "reason": "The same",
            "contact_ids": [str(contact.id)],
        }
        topic, told = office.told(survivor.id)[-1]
        assert (topic, told["changed"]) == ("customer.updated", ["website"])
        (facts,) = office.ask(office.service, DescribeCustomers(customer_ids=[loser.id])).items
        assert facts.merged_into_id == survivor.id

    def test_a_dry_run_shows_just_what_comes_of_it_and_changes_nothing(self, office: Office) -> None:
        survivor, loser = two(office, website="https://acme.example")
        office.add_contact(office.rep, loser, "Chief")
        before = office.rows(*KEPT, "merges", "outbox")
        shown = office.merge(office.rep, survivor, loser, dry_run=True)
        assert office.rows(*KEPT, "merges", "outbox") == before
        assert shown.id is None
        done = office.merge(office.rep, survivor, loser)
        moments = {"updated_at": done.survivor.updated_at}
        assert shown.survivor.model_copy(update=moments) == done.survivor
        assert shown.moved == done.moved

    def test_a_version_that_was_read_must_still_be_the_one(self, office: Office) -> None:
        survivor, loser = two(office)
        office.change(office.rep, loser, note="New")
        with refused(Conflict, "version.stale"):
            office.merge(office.rep, survivor, loser, loser_version=loser.version)

    def test_both_must_be_the_callers_to_edit(self, office: Office) -> None:
        survivor, loser = two(office)
        share(office, loser, office.stranger)
        theirs = office.create(office.stranger, "Theirs")
        with refused(NotPermitted, "customer.read_only"):
            office.merge(office.stranger, theirs, loser)
        with refused(NotFound, "customer.not_found"):
            office.merge(office.stranger, theirs, survivor)
        with refused(NotPermitted, "customer.read_only"):
            office.merge(office.auditor, survivor, loser)

    def test_more_collaborators_than_one_may_have_are_refused(self, office: Office) -> None:
        survivor, loser = two(office)
        for customer, number in ((survivor, 26), (loser, 25)):
            for _ in range(number):
                person = user_of(Role.REP, name="Extra")
                office.introduce(person, login=new_id().hex)
                share(office, customer, person)
        with refused(Conflict, "merge.too_much"):
            office.merge(office.rep, survivor, loser)


class TestGivingAway:
    def test_a_manager_gives_the_survivor_to_somebody_of_theirs(self, office: Office) -> None:
        survivor, loser = two(office)
        merge = office.merge(office.manager, survivor, loser, owner_id=office.colleague.user_id, reason="Knows them")
        assert merge.survivor.owner is not None
        assert merge.survivor.owner.name == "Carl"
        _, told = office.told(loser.id)[-1]
        assert (told["owner_id"], told["reason"]) == (office.colleague.id, "Knows them")

    def test_a_rep_gives_to_nobody_else(self, office: Office) -> None:
        survivor, loser = two(office)
        with refused(NotPermitted, "customer.foreign_owner"):
            office.merge(office.rep, survivor, loser, owner_id=office.colleague.user_id)

    def test_who_edits_as_a_collaborator_does_not_give_away(self, office: Office) -> None:
        survivor, loser = two(office)
        for customer in (survivor, loser):
            share(office, customer, office.stranger, access="edit")
        with refused(NotPermitted, "merge.owners_only"):
            office.merge(office.stranger, survivor, loser, owner_id=office.stranger.user_id)
        office.merge(office.stranger, survivor, loser)

    def test_it_goes_to_a_pool_and_back_to_its_owner_when_undone(self, office: Office) -> None:
        survivor, loser = two(office)
        merge = office.merge(office.manager, survivor, loser, pool_id=office.pool_id)
        assert merge.survivor.pool is not None
        undone = office.undo(office.manager, merge)
        assert undone.survivor.owner is not None
        assert undone.survivor.owner.name == "Rita"

    def test_an_owner_and_a_pool_are_refused(self, office: Office) -> None:
        survivor, loser = two(office)
        with refused(InvalidInput, "customer.owner_and_pool"):
            office.merge(office.manager, survivor, loser, pool_id=office.pool_id, owner_id=office.colleague.user_id)

    def test_the_pool_service_has_the_last_word(self, office: Office) -> None:
        survivor, _ = two(office)
        assigned = HoldingAssigned(
            customer_id=survivor.id,
            customer_name="Acme",
            owner_id=office.colleague.user_id,
            pool_id=None,
            former_owner_id=office.rep.user_id,
            assigned_by=office.manager.actor,
            reason="",
        )
        office.hear(others.follow_move, assigned)
        now = office.read(office.colleague, survivor)
        assert now.owner is not None
        assert now.owner.name == "Carl"


class TestAtOnce:
    def test_of_two_merges_of_the_same_two_one_is_done(self, office: Office) -> None:
        one, other = two(office)

        def refusable(survivor: Customer, loser: Customer) -> None:
            try:
                office.merge(office.rep, survivor, loser)
            except NotFound as error:
                raise Conflict(error.code, error.detail) from None

        outcomes = at_once(lambda: refusable(one, other), lambda: refusable(other, one))
        assert sorted(outcomes) == ["customer.merged", "done"]

    def test_no_contact_is_left_with_the_loser(self, office: Office) -> None:
        for _ in range(5):
            survivor, loser = two(office)

            def add(loser: Customer = loser) -> None:
                try:
                    office.add_contact(office.rep, loser, "Racer")
                except NotFound as error:
                    raise Conflict(error.code, error.detail) from None

            def merge(survivor: Customer = survivor, loser: Customer = loser) -> None:
                office.merge(office.rep, survivor, loser)

            outcomes = at_once(add, merge)
            left = office.rows("contacts")["contacts"]
            assert not [row for row in left if row["customer_id"] == str(loser.id)]
            assert len(contacts(office, survivor)) == outcomes.count("done") - 1


class TestReadingMerges:
    def test_they_are_read_by_who_sees_the_survivor(self, office: Office) -> None:
        survivor, loser = two(office)
        merge = office.merge(office.rep, survivor, loser)
        assert merge.id is not None
        assert office.ask(office.auditor, GetMerge(merge_id=merge.id)) == merge
        with refused(NotFound, "merge.not_found"):
            office.ask(office.stranger, GetMerge(merge_id=merge.id))

    def test_those_of_a_customer_come_latest_first(self, office: Office) -> None:
        survivor, loser = two(office)
        first = office.merge(office.rep, survivor, loser)
        office.undo(office.rep, first)
        second = office.merge(office.rep, survivor, loser)
        for customer in (survivor, loser):
            page = office.ask(office.rep, ListMerges(customer_id=customer.id, count=True))
            assert ([item.id for item in page.items], page.total) == ([second.id, first.id], 2)
        assert office.ask(office.stranger, ListMerges(customer_id=survivor.id)).items == []
