"""Changing fields of an opportunity."""

from datetime import date
from typing import Any

import pytest

from contracts.errors import Conflict, InvalidInput, NotFound, NotPermitted
from contracts.values import CustomerRef, Role
from servicekit.database import new_id
from servicekit.testing import refused
from tests.integration.opportunity.desk import ADMIN, AUDITOR, PROGRAM, Desk, usd
from tests.integration.opportunity.peers import Peers


class TestUpdateOpportunity:
    def test_changes_what_is_named_and_nothing_else(self, desk: Desk) -> None:
        rep, opened = desk.opened(name="Forty seats", amount=usd("5"), note="Call")

        changed = desk.update(rep, opened, name="Fifty seats", expected_close_on="2027-01-31", source="Fair")

        assert changed == opened.model_copy(
            update={
                "name": "Fifty seats",
                "expected_close_on": date(2027, 1, 31),
                "source": "Fair",
                "version": 2,
                "updated_at": changed.updated_at,
            }
        )
        assert changed.updated_at > opened.updated_at

    def test_tells_which_fields_changed(self, desk: Desk) -> None:
        rep, opened = desk.opened(name="Forty seats")

        desk.update(rep, opened, name="Forty seats", amount={"amount": "7.5", "currency": "USD"}, note="Call")

        event = desk.announced(opened.id)[-1]
        assert (event["type"], event["sequence"]) == ("crm.opportunity.updated.v1", 2)
        assert event["data"]["changed"] == ["amount", "note"]

    def test_where_nothing_changes_nothing_is_told(self, desk: Desk) -> None:
        rep, opened = desk.opened(name="Forty seats", amount=usd("5"))

        same = desk.update(rep, opened, name="Forty seats", amount={"amount": "5.00", "currency": "USD"})

        assert same == opened
        assert len(desk.announced(opened.id)) == 1

    def test_null_clears(self, desk: Desk) -> None:
        product = desk.product()
        rep, opened = desk.opened(
            amount=usd("5"), product_id=product.id, source="Fair", expected_close_on=date(2027, 1, 31)
        )

        cleared = desk.update(rep, opened, amount=None, product_id=None, source=None, expected_close_on=None)

        assert (cleared.amount, cleared.product, cleared.source, cleared.expected_close_on) == (None, None, None, None)

    def test_another_product_is_shown_by_its_name(self, desk: Desk) -> None:
        rep, opened = desk.opened()

        assert desk.update(rep, opened, product_id=desk.product("GTX Pro").id).product == "GTX Pro"
        with refused(NotFound, "product.not_found"):
            desk.update(rep, opened.model_copy(update={"version": 2}), product_id=new_id())

    def test_refuses_a_version_that_is_not_the_latest(self, desk: Desk) -> None:
        rep, opened = desk.opened()
        desk.update(rep, opened, note="First")

        with pytest.raises(Conflict) as error:
            desk.update(rep, opened, note="Second")

        assert (error.value.code, error.value.data) == ("version.stale", {"version": 2})

    def test_refuses_a_negative_amount(self, desk: Desk) -> None:
        rep, opened = desk.opened()

        with refused(InvalidInput, "amount.negative"):
            desk.update(rep, opened, amount=usd("-1"))


class TestWhoMayChange:
    def test_not_who_only_sees_it(self, desk: Desk) -> None:
        rep, heir = desk.someone(Role.REP), desk.someone(Role.REP)
        acme = desk.customer(owner=rep)
        opened = desk.open(rep, acme)
        desk.hand_over(acme, to=heir)

        for caller in (heir, AUDITOR):
            with refused(NotPermitted, "opportunity.read_only"):
                desk.update(caller, opened, note="Mine now")
        assert desk.update(rep, opened, note="Still mine").note == "Still mine"

    def test_for_who_does_not_see_it_it_is_not_there(self, desk: Desk) -> None:
        _, opened = desk.opened()

        with refused(NotFound, "opportunity.not_found"):
            desk.update(desk.someone(Role.REP), opened, note="Mine now")

    def test_an_api_key_changes_anybodys_and_is_named_in_its_history(self, desk: Desk) -> None:
        rep, opened = desk.opened()
        second = desk.stages()[1]

        desk.move(PROGRAM, desk.update(PROGRAM, opened, note="Synced").id, second.id)

        assert desk.win(PROGRAM, opened.id, amount=usd("10")).owner.id == rep.user_id
        assert desk.history(opened.id)[-1].by == "Billing"

    def test_a_manager_changes_what_their_people_own(self, desk: Desk) -> None:
        department = new_id()
        rep = desk.someone(Role.REP, department=department)
        opened = desk.open(rep, desk.customer(owner=rep))
        manager = desk.someone(Role.MANAGER, departments=(department,))

        assert desk.update(manager, opened, note="Hurry").note == "Hurry"


class TestItsCustomer:
    def test_one_that_was_imported_without_is_given_its_own(self, desk: Desk) -> None:
        rep = desk.someone(Role.REP, name="Rita")
        acme = desk.customer(owner=rep, name="Acme")
        desk.take_in(ADMIN, {"owner": "Rita"})
        (imported,) = desk.first_page(rep)

        given = desk.update(rep, imported, customer_id=str(acme))

        assert given.customer == CustomerRef(id=acme, name="Acme")
        assert desk.announced(imported.id)[-1]["data"]["customer_id"] == str(acme)

    def test_it_must_be_one_that_the_caller_may_edit(self, desk: Desk, peers: Peers) -> None:
        assert peers.customers == []
        rep, opened = desk.opened()
        foreign, pooled = desk.customer(owner=desk.someone(Role.REP)), desk.customer(pool_id=new_id())

        for customer_id in (foreign, new_id()):
            with refused(NotFound, "customer.not_found"):
                desk.update(rep, opened, customer_id=str(customer_id))
        with refused(NotPermitted, "customer.read_only"):
            desk.update(rep, opened, customer_id=str(pooled))

    def test_it_is_not_taken_away(self, desk: Desk) -> None:
        rep, opened = desk.opened()

        with refused(InvalidInput, "opportunity.customer_required"):
            desk.update(rep, opened, customer_id=None)


class TestClosedOnes:
    @pytest.mark.parametrize("changes", [{"amount": {"amount": "9", "currency": "USD"}}, {"amount": None}])
    def test_keep_their_amount(self, desk: Desk, changes: dict[str, Any]) -> None:
        rep, opened = desk.opened(amount=usd("5"))
        won = desk.win(rep, opened.id)

        with refused(Conflict, "opportunity.closed"):
            desk.update(rep, won, **changes)

    def test_keep_their_product_and_customer(self, desk: Desk) -> None:
        rep, opened = desk.opened(amount=usd("5"))
        lost = desk.lose(rep, opened.id)

        for changes in ({"product_id": desk.product().id}, {"customer_id": desk.customer(owner=rep)}):
            with refused(Conflict, "opportunity.closed"):
                desk.update(rep, lost, **changes)

    def test_may_be_given_the_customer_that_an_import_did_not_know(self, desk: Desk) -> None:
        rep = desk.someone(Role.REP, name="Rita")
        desk.take_in(ADMIN, {"owner": "Rita", "stage": "lost", "closed_on": "2017-02-01"})
        (imported,) = desk.first_page(rep)

        assert desk.update(rep, imported, customer_id=desk.customer(owner=rep)).customer is not None

    def test_may_still_be_commented_on(self, desk: Desk) -> None:
        rep, opened = desk.opened(amount=usd("5"))
        won = desk.win(rep, opened.id)

        assert desk.update(rep, won, note="They paid at once").note == "They paid at once"
