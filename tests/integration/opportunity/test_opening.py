"""Opening an opportunity: on whose customers, in which stage, and what is announced."""

from datetime import date

import pytest

from contracts.customer.customers import CustomerUpdated
from contracts.errors import InvalidInput, NotFound, NotPermitted, Unavailable
from contracts.opportunity.opportunities import GetOpportunity
from contracts.opportunity.pipelines import CreatePipeline, State
from contracts.values import CustomerRef, Lifecycle, Role
from servicekit.database import new_id
from servicekit.testing import refused
from services.opportunity import models
from services.opportunity.operations import catalogue, known, opportunities
from tests.integration.opportunity.desk import ADMIN, AUDITOR, OURSELVES, PROGRAM, Desk, usd
from tests.integration.opportunity.peers import Peers


class TestCreateOpportunity:
    def test_keeps_what_was_given(self, desk: Desk) -> None:
        rep = desk.someone(Role.REP, name="Rita Reed")
        acme = desk.customer(owner=rep, name="Acme")
        product = desk.product("GTX Pro")
        given = {"amount": usd("1054"), "product_id": product.id, "expected_close_on": date(2027, 1, 31)}

        opened = desk.open(rep, acme, name="Forty seats", source="Fair", note="Call first", **given)

        assert opened == desk.ask(rep, opportunities.get, GetOpportunity(opportunity_id=opened.id))
        assert opened.customer == CustomerRef(id=acme, name="Acme")
        assert (opened.owner.id, opened.owner.name) == (rep.user_id, "Rita Reed")
        assert (opened.name, opened.source, opened.note) == ("Forty seats", "Fair", "Call first")
        assert (opened.amount, opened.product) == (usd("1054.00"), "GTX Pro")
        assert (opened.expected_close_on, opened.state, opened.version) == (date(2027, 1, 31), State.OPEN, 1)

    def test_begins_in_the_first_stage_of_the_default_pipeline(self, desk: Desk) -> None:
        rep, opened = desk.opened()

        first = desk.stages()[0]
        assert (opened.stage, opened.entered_stage_at) == (first, opened.created_at)
        (span,) = desk.history(opened.id)
        assert (span.stage, span.entered_at, span.left_at, span.by) == (
            "Prospecting",
            opened.created_at,
            None,
            rep.name,
        )

    def test_begins_where_it_is_told_to(self, desk: Desk) -> None:
        stages = [{"name": "Contact", "probability": 5}, {"name": "Offer", "probability": 50}]
        renewals = CreatePipeline.model_validate({"name": "Renewals", "stages": stages})
        pipeline = desk.ask(ADMIN, catalogue.create_pipeline, renewals)

        _, opened = desk.opened(pipeline_id=pipeline.id, stage_id=pipeline.stages[1].id)

        assert (opened.pipeline_id, opened.stage.name) == (pipeline.id, "Offer")

    def test_is_announced(self, desk: Desk) -> None:
        rep, opened = desk.opened(amount=usd("5"))

        (event,) = desk.announced(opened.id)
        assert (event["type"], event["sequence"]) == ("crm.opportunity.opened.v1", 1)
        assert event["actor"] == f"user:{rep.id}"
        assert (event["data"]["stage"], event["data"]["amount"]) == ("Prospecting", {"amount": "5", "currency": "USD"})

    @pytest.mark.parametrize(
        ("unknown", "code"),
        [
            ("customer_id", "customer.not_found"),
            ("pipeline_id", "pipeline.not_found"),
            ("stage_id", "stage.not_found"),
            ("product_id", "product.not_found"),
        ],
    )
    def test_refuses_what_is_not_there(self, desk: Desk, peers: Peers, unknown: str, code: str) -> None:
        assert peers.customers == []
        rep = desk.someone(Role.REP)
        given = {"customer_id": desk.customer(owner=rep), unknown: new_id()}

        with refused(NotFound, code):
            desk.open(rep, **given)

    def test_refuses_a_stage_of_another_pipeline(self, desk: Desk) -> None:
        contact = {"name": "Renewals", "stages": [{"name": "Contact", "probability": 5}]}
        pipeline = desk.ask(ADMIN, catalogue.create_pipeline, CreatePipeline.model_validate(contact))

        with refused(NotFound, "stage.not_found"):
            desk.opened(stage_id=pipeline.stages[0].id)

    def test_refuses_a_negative_amount(self, desk: Desk) -> None:
        with refused(InvalidInput, "amount.negative"):
            desk.opened(amount=usd("-5"))


class TestOnWhoseCustomers:
    def test_a_rep_opens_on_their_own_alone(self, desk: Desk) -> None:
        rep, other = desk.someone(Role.REP), desk.someone(Role.REP)

        assert desk.open(rep, desk.customer(owner=rep)).owner.id == rep.user_id
        with refused(NotFound, "customer.not_found"):
            desk.open(rep, desk.customer(owner=other))
        with refused(NotPermitted, "customer.read_only"):
            desk.open(rep, desk.customer(pool_id=new_id()))

    def test_a_manager_opens_on_their_peoples_too_and_on_those_in_a_pool(self, desk: Desk) -> None:
        department = new_id()
        manager = desk.someone(Role.MANAGER, departments=(department,))
        rep, stranger = desk.someone(Role.REP, department=department), desk.someone(Role.REP, department=new_id())

        for customer_id in (desk.customer(owner=rep), desk.customer(owner=manager), desk.customer(pool_id=new_id())):
            assert desk.open(manager, customer_id).owner.id == manager.user_id
        with refused(NotFound, "customer.not_found"):
            desk.open(manager, desk.customer(owner=stranger))

    def test_an_administrator_opens_on_anybodys(self, desk: Desk) -> None:
        assert desk.open(ADMIN, desk.customer(owner=desk.someone(Role.REP))).owner.id == ADMIN.user_id

    def test_an_api_keys_is_the_customers_owners_or_whose_it_names(self, desk: Desk) -> None:
        rep, other = desk.someone(Role.REP), desk.someone(Role.REP)
        acme, free = desk.customer(owner=rep), desk.customer(pool_id=new_id())

        assert desk.open(PROGRAM, acme).owner.id == rep.user_id
        assert desk.open(PROGRAM, free, owner_id=other.user_id).owner.id == other.user_id
        with refused(InvalidInput, "owner.required"):
            desk.open(PROGRAM, free)

    def test_an_api_keys_is_nobodys_who_has_left_or_never_was(self, desk: Desk, peers: Peers) -> None:
        acme = desk.customer(owner=desk.someone(Role.REP))

        for owner in (desk.someone(Role.REP, active=False).user_id, new_id(), PROGRAM.signed_by):
            with refused(InvalidInput, "owner.unknown"):
                desk.open(PROGRAM, acme, owner_id=owner)
        assert set(peers.asked) == {"identity.describe_users"}

    def test_those_who_only_read_open_on_none(self, desk: Desk) -> None:
        acme = desk.customer(owner=desk.someone(Role.REP))

        with refused(NotPermitted, "customer.read_only"):
            desk.open(AUDITOR, acme)
        with refused(NotPermitted, "auth.users_only"):
            desk.open(OURSELVES, acme)


class TestCustomersWhoseEventsAreOnTheirWay:
    def test_the_customer_service_is_asked(self, desk: Desk, peers: Peers) -> None:
        rep = desk.someone(Role.REP)
        acme = peers.add_customer("Acme", owner=rep)

        opened = desk.open(rep, acme)
        desk.open(rep, acme)

        assert opened.customer == CustomerRef(id=acme, name="Acme")
        assert peers.asked == ["customer.describe_customers"]

    def test_what_it_says_does_not_replace_later_news(self, desk: Desk, peers: Peers) -> None:
        rep, heir = desk.someone(Role.REP), desk.someone(Role.REP)
        acme = peers.add_customer("Acme", owner=rep)
        desk.hand_over(acme, to=heir)

        with refused(NotFound, "customer.not_found"):
            desk.open(rep, acme)
        assert desk.open(heir, acme).customer == CustomerRef(id=acme, name="Acme")

    def test_the_event_that_comes_later_is_followed(self, desk: Desk, peers: Peers) -> None:
        rep = desk.someone(Role.REP)
        acme = peers.add_customer("Acme", owner=rep)
        opened = desk.open(rep, acme)
        renamed = CustomerUpdated(
            customer_id=acme,
            kind="company",
            name="Acme Trading",
            lifecycle=Lifecycle.LEAD,
            level=None,
            tags=[],
            changed=["name"],
        )

        desk.hear(known.keep_customer, renamed, sequence=2)

        shown = desk.ask(rep, opportunities.get, GetOpportunity(opportunity_id=opened.id))
        assert shown.customer == CustomerRef(id=acme, name="Acme Trading")

    def test_for_managers_the_owners_department_is_asked_for_too(self, desk: Desk, peers: Peers) -> None:
        department, rep = new_id(), new_id()
        manager = desk.someone(Role.MANAGER, departments=(department,))
        peers.add_user("Rita Reed", user_id=rep, department=department)
        acme = desk.customer()
        with desk.database.transaction() as db:
            customer = db.get_one(models.Customer, acme)
            customer.owner_id = rep

        assert desk.open(manager, acme).customer == CustomerRef(id=acme, name="Acme")

    def test_while_nobody_answers_it_can_be_tried_again(self, desk: Desk) -> None:
        with refused(Unavailable, "broker.unavailable"):
            desk.open(ADMIN, new_id())
