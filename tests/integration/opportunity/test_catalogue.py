"""Pipelines with their stages, and products."""

from decimal import Decimal
from typing import Any

import pytest

from contracts.errors import Conflict, InvalidInput, NotFound, NotPermitted
from contracts.opportunity.pipelines import CreatePipeline, GetPipeline, Pipeline, PipelineList
from contracts.opportunity.products import CreateProduct, GetProduct, ListProducts, ProductPage
from contracts.values import Role
from servicekit.database import new_id
from servicekit.testing import calling, refused, user_of
from services.opportunity.operations import catalogue
from tests.integration.opportunity.desk import ADMIN, OURSELVES, Desk, usd

REP = user_of(Role.REP)


def pipelines(desk: Desk) -> PipelineList:
    with calling(REP), desk.database.transaction() as db:
        return catalogue.list_pipelines(db)


def add_pipeline(desk: Desk, name: str, *stages: str) -> Pipeline:
    new = [{"name": stage, "probability": 10 * nth} for nth, stage in enumerate(stages or ("Contact",), start=1)]
    return desk.ask(ADMIN, catalogue.create_pipeline, CreatePipeline.model_validate({"name": name, "stages": new}))


def products(desk: Desk, **asked: Any) -> ProductPage:
    return desk.ask(REP, catalogue.list_products, ListProducts(**asked))


class TestCreatePipeline:
    def test_keeps_its_stages_in_their_order(self, desk: Desk) -> None:
        added = add_pipeline(desk, "Renewals", "Contact", "Offer", "Signature")

        assert pipelines(desk).items[0] == added
        stages = [(stage.position, stage.name, stage.probability) for stage in added.stages]
        assert stages == [(1, "Contact", 10), (2, "Offer", 20), (3, "Signature", 30)]
        assert not added.default

    @pytest.mark.parametrize("name", ["Sales", "SALES", "sa-les"])
    def test_refuses_a_name_that_is_taken(self, desk: Desk, name: str) -> None:
        with refused(Conflict, "pipeline.name_taken"):
            add_pipeline(desk, name)

    def test_refuses_stages_of_one_name(self, desk: Desk) -> None:
        with refused(InvalidInput, "stage.name_taken"):
            add_pipeline(desk, "Renewals", "Offer", "offer")

    def test_is_for_administrators(self, desk: Desk) -> None:
        request = CreatePipeline.model_validate({"name": "Mine", "stages": [{"name": "Contact", "probability": 1}]})

        with refused(NotPermitted, "pipeline.admins_only"):
            desk.ask(REP, catalogue.create_pipeline, request)


class TestListPipelines:
    def test_shows_them_by_name(self, desk: Desk) -> None:
        add_pipeline(desk, "Upgrades")
        add_pipeline(desk, "Renewals")

        assert [pipeline.name for pipeline in pipelines(desk).items] == ["Renewals", "Sales", "Upgrades"]

    def test_costs_the_same_however_many_there_are(self, desk: Desk) -> None:
        add_pipeline(desk, "Renewals", "Contact", "Offer")

        with desk.counting_statements() as sent:
            pipelines(desk)

        assert len(sent) == 2


class TestGetPipeline:
    def test_shows_one_as_the_list_does(self, desk: Desk) -> None:
        added = add_pipeline(desk, "Renewals", "Contact", "Offer")

        assert desk.ask(REP, catalogue.get_pipeline, GetPipeline(pipeline_id=added.id)) == added

    def test_one_that_never_was_is_not_found(self, desk: Desk) -> None:
        with refused(NotFound, "pipeline.not_found"):
            desk.ask(REP, catalogue.get_pipeline, GetPipeline(pipeline_id=new_id()))


class TestCreateProduct:
    def test_keeps_series_and_price(self, desk: Desk) -> None:
        request = CreateProduct(name="GTX Pro", series="GTX", price=usd("4821.5"))

        added = desk.ask(ADMIN, catalogue.create_product, request)

        assert products(desk).items == [added]
        assert (added.series, added.price.amount, added.version) == ("GTX", Decimal("4821.50"), 1)

    @pytest.mark.parametrize("name", ["GTX Pro", "GTXPro", "gtx pro"])
    def test_refuses_a_name_that_an_import_could_not_tell_apart(self, desk: Desk, name: str) -> None:
        desk.product("GTX Pro")

        with refused(Conflict, "product.name_taken"):
            desk.product(name)

    def test_refuses_a_negative_price(self, desk: Desk) -> None:
        with refused(InvalidInput, "amount.negative"):
            desk.product("GTX Pro", "-1")

    def test_is_for_administrators(self, desk: Desk) -> None:
        for caller in (REP, OURSELVES):
            with refused(NotPermitted, "product.admins_only"):
                desk.ask(caller, catalogue.create_product, CreateProduct(name="Mine", price=usd("1")))


class TestListProducts:
    def test_pages_through_the_catalogue_by_name(self, desk: Desk) -> None:
        for name in ("Cap", "Axe", "Bow"):
            desk.product(name)

        first = products(desk, limit=2)
        rest = products(desk, limit=2, cursor=first.next_cursor)

        assert [product.name for product in first.items + rest.items] == ["Axe", "Bow", "Cap"]
        assert rest.next_cursor is None

    def test_finds_a_fragment_of_a_name_as_it_is_written(self, desk: Desk) -> None:
        for name in ("GTX Pro", "GTX Basic", "100% wool"):
            desk.product(name)

        def names(q: str) -> list[str]:
            return [product.name for product in products(desk, q=q).items]

        assert names("gtx") == ["GTX Basic", "GTX Pro"]
        assert names("0%") == ["100% wool"]
        assert names("T_X") == []

    def test_counts_when_asked_to(self, desk: Desk) -> None:
        for name in ("Axe", "Bow", "Bowl"):
            desk.product(name)

        assert products(desk, limit=1).total is None
        assert products(desk, limit=1, q="bow", count=True).total == 2


class TestGetProduct:
    def test_shows_one_as_the_list_does(self, desk: Desk) -> None:
        added = desk.product("Axe")

        assert desk.ask(REP, catalogue.get_product, GetProduct(product_id=added.id)) == added

    def test_one_that_never_was_is_not_found(self, desk: Desk) -> None:
        with refused(NotFound, "product.not_found"):
            desk.ask(REP, catalogue.get_product, GetProduct(product_id=new_id()))
