"""Adding, changing and reading customers, against a real database."""

import pytest

from contracts.customer.customers import CustomerChanges, Email, GetCustomer, Phone, UpdateCustomer
from contracts.customer.facts import DescribeCustomers
from contracts.errors import Conflict, InvalidInput, NotFound, NotPermitted
from contracts.pool.claims import HoldingClaimed
from contracts.values import Lifecycle, PoolRef, Role, UserRef
from servicekit.database import new_id
from servicekit.testing import calling, refused, user_of
from services.customer.operations import customers, others
from tests.integration.customer.office import Office, at_once


class TestCreateCustomer:
    def test_a_rep_holds_what_they_add(self, office: Office) -> None:
        made = office.create(office.rep, "Acme Trading")
        assert made.owner == UserRef(id=office.rep.user_id, name="Rita")
        assert made.pool is None
        assert made.version == 1
        assert office.read(office.rep, made) == made

    def test_a_customer_may_wait_in_a_pool_from_the_start(self, office: Office) -> None:
        made = office.create(office.rep, "Pooled Ltd", pool_id=office.pool_id)
        assert made.owner is None
        assert made.pool == PoolRef(id=office.pool_id, name="Open customers")

    def test_all_fields_come_back_as_they_are_kept(self, office: Office) -> None:
        made = office.create(
            office.rep,
            "上海贸易",
            legal_name="上海贸易有限公司",
            website="https://acme.example",
            size=250,
            phones=[{"number": "+86 21 6123 4567", "label": "office"}],
            emails=[{"address": "Li.Na@ACME.example"}],
            handles=[{"network": "WeChat", "name": "shmy"}],
            addresses=[{"street": "1 Fuxing Rd", "city": "Shanghai"}],
            tags=["vip", "vip"],
            level="A",
            lifecycle="prospect",
            note="Met in Hangzhou.",
        )
        kept = office.read(office.admin, made)
        assert kept.phones == [Phone(number="+86 21 6123 4567", e164="+862161234567", label="office", primary=True)]
        assert kept.emails == [Email(address="Li.Na@acme.example", primary=True)]
        assert (kept.handles[0].name, kept.addresses[0].city, kept.tags) == ("shmy", "Shanghai", ["vip"])
        assert (kept.legal_name, kept.size, kept.level, kept.lifecycle) == (
            "上海贸易有限公司",
            250,
            "A",
            Lifecycle.PROSPECT,
        )

    def test_it_is_announced_with_who_holds_it(self, office: Office) -> None:
        made = office.create(office.rep, "Loud Ltd", level="B", tags=["fair"])
        assert office.told(made.id) == [
            (
                "customer.created",
                {
                    "customer_id": str(made.id),
                    "kind": "company",
                    "name": "Loud Ltd",
                    "lifecycle": "lead",
                    "level": "B",
                    "tags": ["fair"],
                    "owner_id": str(office.rep.user_id),
                    "pool_id": None,
                },
            )
        ]

    def test_owner_and_pool_together_are_refused(self, office: Office) -> None:
        with refused(InvalidInput, "customer.owner_and_pool"):
            office.create(office.rep, "Both", owner_id=office.rep.user_id, pool_id=office.pool_id)

    def test_a_rep_may_name_themselves(self, office: Office) -> None:
        made = office.create(office.rep, "Mine", owner_id=office.rep.user_id)
        assert made.owner == UserRef(id=office.rep.user_id, name="Rita")

    def test_a_rep_gives_to_nobody_else(self, office: Office) -> None:
        with refused(NotPermitted, "customer.foreign_owner"):
            office.create(office.rep, "Yours", owner_id=office.colleague.user_id)

    def test_a_manager_gives_within_their_departments_only(self, office: Office) -> None:
        made = office.create(office.manager, "Given", owner_id=office.colleague.user_id)
        assert made.owner == UserRef(id=office.colleague.user_id, name="Carl")
        with refused(NotPermitted, "customer.foreign_owner"):
            office.create(office.manager, "Far", owner_id=office.stranger.user_id)

    def test_nobody_gives_to_one_who_has_left(self, office: Office) -> None:
        left = user_of(Role.REP, name="Lena", department=office.department)
        office.introduce(left, active=False)
        with refused(InvalidInput, "customer.unknown_owner"):
            office.create(office.admin, "Late", owner_id=left.user_id)

    def test_the_name_of_an_owner_not_heard_of_yet_is_empty(self, office: Office) -> None:
        newcomer = user_of(Role.REP, name="Nora")
        assert office.create(newcomer, "Early").owner == UserRef(id=newcomer.user_id, name="")

    def test_an_api_key_adds_for_an_owner_or_a_pool_and_is_named_as_the_actor(self, office: Office) -> None:
        with refused(InvalidInput, "customer.holder_required"):
            office.create(office.api_key, "Nobody's")
        held = office.create(office.api_key, "Held", owner_id=office.rep.user_id)
        assert held.owner == UserRef(id=office.rep.user_id, name="Rita")
        assert office.create(office.api_key, "Free", pool_id=office.pool_id).owner is None
        assert office.actor_of(held.id) == f"user:{office.api_key.id}"

    @pytest.mark.parametrize("who", ["auditor", "service"])
    def test_those_who_only_read_add_nothing(self, office: Office, who: str) -> None:
        with refused(NotPermitted, "customer.writers_only"):
            office.create(getattr(office, who), "Nothing", pool_id=office.pool_id)

    def test_an_unreadable_phone_is_refused_by_its_field_and_nothing_is_kept(self, office: Office) -> None:
        with pytest.raises(InvalidInput) as raised:
            office.create(office.rep, "Mute", phones=[{"number": "+1 202 555 0143"}, {"number": "nonsense"}])
        assert [(fault.field, fault.code) for fault in raised.value.fields] == [("phones.1.number", "phone.invalid")]
        assert office.names(office.admin, q="Mute") == []


class TestParents:
    def test_a_company_belongs_to_one_that_the_caller_may_edit(self, office: Office) -> None:
        group = office.create(office.rep, "Group")
        assert office.create(office.rep, "Branch", parent_id=group.id).parent_id == group.id

    def test_a_company_that_is_not_there_or_not_seen_is_unknown(self, office: Office) -> None:
        hidden = office.create(office.stranger, "Hidden Group")
        person = office.create(office.rep, "Some Person", kind="person")
        for parent_id in (new_id(), hidden.id, person.id):
            with refused(InvalidInput, "customer.unknown_parent"):
                office.create(office.rep, "Orphan", parent_id=parent_id)

    def test_linking_to_a_company_needs_the_right_to_edit_it(self, office: Office) -> None:
        pooled = office.create(office.admin, "Pooled Group", pool_id=office.pool_id)
        with refused(NotPermitted, "customer.foreign_parent"):
            office.create(office.rep, "Climber", parent_id=pooled.id)

    def test_a_company_never_belongs_to_itself_or_to_one_below(self, office: Office) -> None:
        top = office.create(office.rep, "Top")
        middle = office.create(office.rep, "Middle", parent_id=top.id)
        bottom = office.create(office.rep, "Bottom", parent_id=middle.id)
        for below in (top, middle, bottom):
            with refused(InvalidInput, "customer.parent_cycle"):
                office.change(office.rep, top, parent_id=below.id)

    def test_two_links_at_once_do_not_close_a_circle(self, office: Office) -> None:
        one, other = office.create(office.rep, "One"), office.create(office.rep, "Other")
        outcomes = at_once(
            lambda: office.change(office.rep, one, parent_id=other.id),
            lambda: office.change(office.rep, other, parent_id=one.id),
        )
        assert sorted(outcomes) == ["customer.parent_cycle", "done"]


class TestUpdateCustomer:
    def test_only_named_fields_change(self, office: Office) -> None:
        made = office.create(office.rep, "Before", industry="retail", phones=[{"number": "+1 202 555 0143"}])
        changed = office.change(office.rep, made, name="After", industry=None)
        assert (changed.name, changed.industry, changed.phones, changed.version) == ("After", None, made.phones, 2)
        assert changed.updated_at > made.updated_at
        assert changed.created_at == made.created_at

    def test_it_is_announced_with_the_names_of_what_changed(self, office: Office) -> None:
        made = office.create(office.rep, "Shifting", level="C")
        office.change(office.rep, made, level="A", tags=["vip"], name="Shifting")
        topic, data = office.told(made.id)[-1]
        assert topic == "customer.updated"
        assert (data["changed"], data["level"], data["tags"]) == (["level", "tags"], "A", ["vip"])

    def test_another_lifecycle_is_announced_by_itself(self, office: Office) -> None:
        made = office.create(office.rep, "Growing")
        office.change(office.manager, made, lifecycle="customer")
        (updated, _), (moved, data) = office.told(made.id)[1:]
        assert (updated, moved) == ("customer.updated", "customer.lifecycle_changed")
        assert (data["before"], data["after"]) == ("lead", "customer")

    def test_a_change_to_what_is_there_already_changes_nothing(self, office: Office) -> None:
        made = office.create(office.rep, "Same", phones=[{"number": "+1 202 555 0199"}], tags=["x"])
        again = office.change(office.rep, made, name="Same", phones=[{"number": "+1 202 555 0199"}], tags=["x"])
        assert again == made
        assert len(office.told(made.id)) == 1

    def test_a_stale_version_is_refused(self, office: Office) -> None:
        made = office.create(office.rep, "Raced")
        office.change(office.rep, made, name="Won")
        with refused(Conflict, "version.stale"):
            office.change(office.rep, made, name="Lost")
        assert office.read(office.rep, made).name == "Won"

    def test_of_two_at_once_one_wins(self, office: Office) -> None:
        made = office.create(office.rep, "Contended")
        outcomes = at_once(*(lambda name=name: office.change(office.rep, made, name=name) for name in "abcd"))
        assert sorted(outcomes) == ["done", "version.stale", "version.stale", "version.stale"]
        assert office.read(office.rep, made).version == 2

    def test_a_changed_name_is_found_and_the_old_one_is_not(self, office: Office) -> None:
        made = office.create(office.rep, "Larch Widgets", emails=[{"address": "a@larch.example"}])
        office.change(office.rep, made, name="Spruce Widgets", emails=[])
        assert office.names(office.rep, q="spruce") == ["Spruce Widgets"]
        assert office.names(office.rep, q="larch") == []
        assert office.names(office.rep, q="a@larch.example") == []

    def test_an_unreadable_phone_is_refused_by_its_field(self, office: Office) -> None:
        made = office.create(office.rep, "Callable")
        with refused(InvalidInput, "phone.invalid"):
            office.change(office.rep, made, phones=[{"number": "nonsense"}])

    def test_an_owner_can_not_be_changed_by_an_edit(self, office: Office) -> None:
        made = office.create(office.rep, "Steady")
        patch = CustomerChanges.model_validate({"name": "Still", "owner_id": str(new_id()), "kind": "person"})
        request = UpdateCustomer(customer_id=made.id, version=made.version, changes=patch)
        changed = office.ask(office.rep, request)
        assert (changed.name, changed.owner, changed.kind) == ("Still", made.owner, "company")


class TestDescribeCustomers:
    def test_services_get_the_facts_of_those_that_exist(self, office: Office) -> None:
        made = office.create(office.rep, "Described")
        office.change(office.manager, made, lifecycle="prospect")
        (facts,) = office.ask(office.service, DescribeCustomers(customer_ids=[made.id, new_id()])).items
        assert (facts.id, facts.name, facts.lifecycle) == (made.id, "Described", Lifecycle.PROSPECT)
        assert (facts.owner_id, facts.pool_id) == (office.rep.user_id, None)

    def test_the_sequence_is_that_of_the_latest_event(self, office: Office) -> None:
        made = office.create(office.rep, "Numbered")
        office.change(office.manager, made, lifecycle="prospect")
        (facts,) = office.ask(office.service, DescribeCustomers(customer_ids=[made.id])).items
        assert facts.sequence == len(office.told(made.id)) == 3

    @pytest.mark.parametrize("who", ["rep", "admin", "api_key"])
    def test_people_may_not_ask(self, office: Office, who: str) -> None:
        with refused(NotPermitted, "auth.services_only"):
            office.ask(getattr(office, who), DescribeCustomers(customer_ids=[]))


class TestRollback:
    def test_what_is_not_committed_is_not_announced(self, office: Office) -> None:
        made = office.create(office.rep, "Whole")
        patch = CustomerChanges(name="Half")
        request = UpdateCustomer(customer_id=made.id, version=made.version, changes=patch)

        def change_and_fail() -> None:
            with calling(office.rep), office.database.transaction() as db:
                customers.update(db, request)
                raise RuntimeError("the process was stopped")

        with pytest.raises(RuntimeError):
            change_and_fail()
        assert office.read(office.rep, made) == made
        assert len(office.told(made.id)) == 1


class TestMissingCustomer:
    def test_one_that_does_not_exist_is_not_found(self, office: Office) -> None:
        with refused(NotFound, "customer.not_found"):
            office.ask(office.admin, GetCustomer(customer_id=new_id()))
        with refused(NotFound, "customer.not_found"):
            office.ask(office.admin, UpdateCustomer(customer_id=new_id(), version=1, changes=CustomerChanges()))


class TestClaimDuringAnEdit:
    def test_the_claim_keeps_the_edit_and_the_version(self, office: Office) -> None:
        made = office.create(office.manager, "Claimed", pool_id=office.pool_id)
        claimed = HoldingClaimed(
            customer_id=made.id, customer_name="Claimed", owner_id=office.rep.user_id, pool_id=office.pool_id
        )
        office.hear(others.follow_move, claimed)
        changed = office.change(office.rep, made, name="Claimed and edited")
        assert changed.owner == UserRef(id=office.rep.user_id, name="Rita")
