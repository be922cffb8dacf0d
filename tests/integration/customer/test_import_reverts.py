"""Imports that are taken back: what they added goes, what they changed is as before, what others did stays."""

from datetime import timedelta

import pytest

from contracts.customer.contacts import GetCustomerProfile
from contracts.customer.customers import ListCustomers
from contracts.customer.import_jobs import ImportKey, ImportMode, ImportState, RevertImport
from contracts.errors import Conflict, NotFound, NotPermitted
from servicekit.testing import refused
from services.customer.operations import import_reverts
from tests.integration.customer.importing import Importing, csv_of


class TestRevert:
    def test_what_it_added_is_deleted_and_can_be_restored(self, importing: Importing) -> None:
        admin = importing.office.admin
        job = importing.bring(admin, csv_of(("Name",), *((f"Taken Back {number}",) for number in range(5))))
        done = importing.take_back(admin, job)
        assert (done.state, done.reverted) == (ImportState.REVERTED, 5)
        assert importing.found("Taken Back") == []
        gone = importing.office.ask(admin, ListCustomers(q="Taken Back", deleted=True)).items
        assert len(gone) == 5

    def test_what_it_changed_is_as_it_was_before(self, importing: Importing) -> None:
        office, admin = importing.office, importing.office.admin
        before = office.create(
            admin, "Reverted Co", registration_number="RV-1", industry="retail", phones=[{"number": "+1 202 555 0961"}]
        )
        content = csv_of(
            ("Registration number", "Name", "Industry", "Phone"), ("RV-1", "Renamed Co", "wholesale", "+1 202 555 0962")
        )
        plan = {"mode": ImportMode.CREATE_OR_UPDATE, "key": ImportKey.REGISTRATION_NUMBER}
        job = importing.bring(admin, content, **plan)
        assert office.read(admin, before).name == "Renamed Co"
        assert importing.take_back(admin, job).reverted == 1
        kept = {"version", "updated_at"}
        assert office.read(admin, before).model_dump(exclude=kept) == before.model_dump(exclude=kept)

    def test_what_somebody_changed_since_stays(self, importing: Importing) -> None:
        office, admin = importing.office, importing.office.admin
        job = importing.bring(admin, csv_of(("Name",), ("Edited Since",), ("Not Edited",)))
        office.change(admin, importing.named("Edited Since"), note="Mine now")
        assert importing.take_back(admin, job).reverted == 1
        assert [one.name for one in importing.found("Edited")] == ["Edited Since"]

    def test_a_customer_of_several_rows_goes_back_to_its_beginning(self, importing: Importing) -> None:
        admin = importing.office.admin
        content = csv_of(("Name", "Industry"), ("Three Times", "a"), ("Three Times", "b"), ("Three Times", "c"))
        job = importing.bring(admin, content, mode=ImportMode.CREATE_OR_UPDATE)
        done = importing.take_back(admin, job)
        assert (done.created, done.updated, done.reverted) == (1, 2, 3)
        assert importing.found("Three Times") == []

    @pytest.mark.parametrize("rows", [(("Above", ""), ("Below", "Above")), (("Under", "Over"), ("Over", ""))])
    def test_parents_go_after_their_children(self, importing: Importing, rows: tuple[tuple[str, str], ...]) -> None:
        admin = importing.office.admin
        job = importing.bring(admin, csv_of(("Name", "Parent"), *rows))
        assert importing.take_back(admin, job).reverted == 2

    def test_a_parent_of_others_stays(self, importing: Importing) -> None:
        office, admin = importing.office, importing.office.admin
        job = importing.bring(admin, csv_of(("Name",), ("Became A Parent",)))
        parent = importing.named("Became A Parent")
        office.create(admin, "Its Child", parent_id=parent.id)
        assert importing.take_back(admin, job).reverted == 0
        assert office.ask(admin, GetCustomerProfile(customer_id=parent.id)).customer.name == "Became A Parent"

    def test_more_rows_than_one_round_takes(self, importing: Importing, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(import_reverts, "_ROWS_AT_ONCE", 3)
        admin = importing.office.admin
        job = importing.bring(admin, csv_of(("Name",), *((f"Rounds {number}",) for number in range(10))))
        assert importing.take_back(admin, job).reverted == 10

    def test_its_end_is_announced(self, importing: Importing) -> None:
        admin = importing.office.admin
        job = importing.bring(admin, csv_of(("Name",), ("Announced Back",)))
        importing.take_back(admin, job)
        assert [data["state"] for _, data in importing.office.told(job.id)] == ["finished", "reverted"]

    def test_one_is_taken_back_once(self, importing: Importing) -> None:
        admin = importing.office.admin
        job = importing.bring(admin, csv_of(("Name",), ("Once Back",)))
        importing.take_back(admin, job)
        with refused(Conflict, "import.reverted"):
            importing.ask(admin, RevertImport(import_id=job.id))

    def test_one_that_is_not_over_is_not_taken_back(self, importing: Importing) -> None:
        admin = importing.office.admin
        job = importing.read(admin, csv_of(("Name",), ("Not Over",)))
        with refused(Conflict, "import.not_over"):
            importing.ask(admin, RevertImport(import_id=job.id))

    def test_after_30_days_it_is_too_late(self, importing: Importing, monkeypatch: pytest.MonkeyPatch) -> None:
        admin = importing.office.admin
        job = importing.bring(admin, csv_of(("Name",), ("Too Late",)))
        monkeypatch.setattr(import_reverts, "RESTORED_WITHIN", -timedelta(seconds=1))
        with refused(Conflict, "import.too_late"):
            importing.ask(admin, RevertImport(import_id=job.id))

    def test_it_is_nobody_else_s_business(self, importing: Importing) -> None:
        job = importing.bring(importing.office.admin, csv_of(("Name",), ("Private",)))
        with refused(NotFound, "import.not_found"):
            importing.ask(importing.office.manager, RevertImport(import_id=job.id))
        with refused(NotPermitted, "customer.importers_only"):
            importing.ask(importing.office.rep, RevertImport(import_id=job.id))
