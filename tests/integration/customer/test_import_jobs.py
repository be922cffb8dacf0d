"""Whole files as jobs, against a real database: read, tried, started, watched, stopped, and taken up after a kill."""

import random
from uuid import UUID

import pytest

from contracts.customer.import_jobs import (
    CancelImport,
    CreateImport,
    GetImport,
    ImportKey,
    ImportMode,
    ImportState,
    ListImports,
    PreviewImport,
    StartImport,
)
from contracts.customer.uploads import PART_BYTES, AppendUpload, BeginUpload, FinishUpload, GetUpload
from contracts.errors import Conflict, InvalidInput, NotFound, NotPermitted
from contracts.values import PoolRef
from servicekit.testing import refused
from services.customer.operations import import_batches, import_reading, uploads
from tests.integration.customer.importing import Importing, csv_of


@pytest.fixture
def small_batches(monkeypatch: pytest.MonkeyPatch) -> int:
    """Files of a few rows have several batches; how many rows each."""
    for module in (import_reading, import_batches):
        monkeypatch.setattr(module, "BATCH_ROWS", 7)
    return 7


class TestUploads:
    def test_a_part_that_is_sent_twice_changes_nothing(self, importing: Importing) -> None:
        admin = importing.office.admin
        made = importing.ask(admin, BeginUpload(name="a.csv"))
        for _ in range(2):
            sent = importing.ask(admin, AppendUpload(upload_id=made.id, part=0, data=b"Name\nAcme\n"))
            assert (sent.parts, sent.size) == (1, 10)

    @pytest.mark.parametrize("part", [1, 2, 0])
    def test_only_the_next_part_is_taken(self, importing: Importing, part: int) -> None:
        admin = importing.office.admin
        made = importing.ask(admin, BeginUpload(name="a.csv"))
        importing.ask(admin, AppendUpload(upload_id=made.id, part=0, data=b"short"))
        with refused(Conflict, "upload.out_of_order"):
            importing.ask(admin, AppendUpload(upload_id=made.id, part=part, data=b"other"))

    def test_nobody_else_knows_of_it(self, importing: Importing) -> None:
        made = importing.ask(importing.office.admin, BeginUpload(name="a.csv"))
        with refused(NotFound, "upload.not_found"):
            importing.ask(importing.office.manager, FinishUpload(upload_id=made.id))

    def test_one_that_has_not_arrived_whole_is_not_taken(self, importing: Importing) -> None:
        admin = importing.office.admin
        made = importing.ask(admin, BeginUpload(name="a.csv"))
        with refused(Conflict, "upload.incomplete"):
            importing.ask(admin, CreateImport(upload_id=made.id))

    def test_a_caller_has_only_so_many(self, importing: Importing) -> None:
        for _ in range(uploads.MOST):
            importing.upload(importing.office.api_key, b"Name\n")
        with refused(Conflict, "upload.too_many"):
            importing.ask(importing.office.api_key, BeginUpload(name="a.csv"))

    def test_one_that_never_arrived_whole_makes_room(self, importing: Importing) -> None:
        colleague = importing.office.colleague
        torn = importing.ask(colleague, BeginUpload(name="a.csv"))
        for _ in range(uploads.MOST):
            importing.upload(colleague, b"Name\n")
        with refused(NotFound, "upload.not_found"):
            importing.ask(colleague, GetUpload(upload_id=torn.id))

    def test_auditors_send_none(self, importing: Importing) -> None:
        with refused(NotPermitted, "customer.writers_only"):
            importing.ask(importing.office.auditor, BeginUpload(name="a.csv"))


class TestReading:
    def test_a_file_of_many_parts_and_batches_is_read_whole(self, importing: Importing) -> None:
        rows = [("Name", "Note")] + [(f"Long {number}", "x" * 1_000) for number in range(1_203)]
        content = csv_of(*rows)
        assert len(content) > 2 * PART_BYTES
        job = importing.read(importing.office.admin, content)
        assert (job.state, job.total, job.columns) == (ImportState.READY, 1_203, ["Name", "Note"])
        assert (job.format, job.encoding, job.delimiter) == ("csv", "utf-8", ",")

    def test_columns_are_guessed_from_headings(self, importing: Importing) -> None:
        job = importing.read(
            importing.office.admin, csv_of(("公司名称", "Telefon", "E-mail", "Colour"), ("甲", "", "", ""))
        )
        assert job.mapping == {"name": "公司名称", "phones": "Telefon", "emails": "E-mail"}

    def test_a_file_at_fault_fails_with_its_row_and_writes_nothing(self, importing: Importing) -> None:
        content = csv_of(("Name",), ("Half Done",)) + b"Torn \xff\n"
        job = importing.read(importing.office.admin, content, encoding="utf-8")
        assert job.state is ImportState.FAILED
        assert job.failure is not None
        assert (job.failure.code, job.failure.row) == ("import.bad_encoding", 3)
        assert importing.found("Half Done") == []

    def test_headings_alone_are_no_table(self, importing: Importing) -> None:
        job = importing.read(importing.office.admin, csv_of(("Name", "Phone")))
        assert job.failure is not None
        assert job.failure.code == "import.empty"

    def test_its_end_is_announced(self, importing: Importing) -> None:
        job = importing.read(importing.office.admin, b"\xd0\xcf\x11\xe0 an old workbook")
        ((topic, data),) = importing.office.told(job.id)
        assert (topic, data["state"]) == ("import.finished", "failed")

    def test_an_encoding_that_is_none_is_refused_at_once(self, importing: Importing) -> None:
        admin = importing.office.admin
        upload_id = importing.upload(admin, b"Name\nA\n")
        with refused(InvalidInput, "import.unknown_encoding"):
            importing.ask(admin, CreateImport(upload_id=upload_id, encoding="klingon"))


class TestPreview:
    def test_it_tells_what_would_become_of_each_row_and_keeps_nothing(self, importing: Importing) -> None:
        admin = importing.office.admin
        importing.office.create(admin, "Seen Before")
        content = csv_of(("Name", "Phone"), ("Fresh One", ""), ("Seen Before", ""), ("Bad Phone", "x"))
        job = importing.read(admin, content)
        shown = importing.ask(admin, PreviewImport(import_id=job.id))
        assert [(row.row, row.outcome) for row in shown.rows] == [(2, "created"), (3, "refused"), (4, "refused")]
        assert [fault.code for row in shown.rows for fault in row.faults] == ["customer.exists", "phone.invalid"]
        assert shown.rows[2].values == {"name": "Bad Phone", "phones": "x"}
        assert importing.found("Fresh One") == []
        assert importing.now(admin, job) == job

    def test_the_mapping_can_be_corrected(self, importing: Importing) -> None:
        admin = importing.office.admin
        job = importing.read(admin, csv_of(("Who", "What"), ("Mapped By Hand", "Retail")))
        shown = importing.ask(admin, PreviewImport(import_id=job.id, mapping={"name": "Who"}))
        assert (shown.mapping, shown.unmapped) == ({"name": "Who"}, ["What"])
        assert shown.rows[0].outcome == "created"

    @pytest.mark.parametrize(
        ("mapping", "code"),
        [
            ({"name": "Nobody"}, "import.unknown_column"),
            ({"name": "Who", "soul": "Who"}, "import.unknown_field"),
            ({"industry": "Who"}, "import.column_missing"),
        ],
    )
    def test_a_mapping_at_fault_is_refused(self, importing: Importing, mapping: dict[str, str], code: str) -> None:
        admin = importing.office.admin
        job = importing.read(admin, csv_of(("Who",), ("Any",)))
        with refused(InvalidInput, code):
            importing.ask(admin, PreviewImport(import_id=job.id, mapping=mapping))
        importing.ask(admin, CancelImport(import_id=job.id))


class TestRunning:
    def test_rows_become_customers_and_refused_ones_keep_their_cells(self, importing: Importing) -> None:
        admin = importing.office.admin
        content = csv_of(
            ("Name", "Phones", "Employees", "City", "Owner"),
            ("Run One", "office: +86 21 6123 4567", "250", "Shanghai", "rita"),
            ("Run Two", "", "many", "", ""),
            ("Run Three", "", "", "", "", "surplus"),
        )
        job = importing.bring(admin, content)
        assert (job.state, job.total, job.done, job.created, job.refused) == (ImportState.FINISHED, 3, 3, 1, 2)
        assert importing.codes(admin, job) == [(3, "size", "int_parsing"), (4, "", "import.too_many_cells")]
        assert importing.refused(admin, job)[0].cells == ["Run Two", "", "many"]
        made = importing.named("Run One")
        assert (made.size, made.phones[0].label, made.phones[0].e164) == (250, "office", "+862161234567")
        assert (made.addresses[0].city, made.owner and made.owner.name) == ("Shanghai", "Rita")

    def test_rows_go_into_the_pool_or_to_the_owner_that_is_said(self, importing: Importing) -> None:
        office = importing.office
        importing.bring(office.admin, csv_of(("Name",), ("Into Pool",)), pool_id=office.pool_id)
        importing.bring(office.admin, csv_of(("Name",), ("To Rita",)), owner="rita")
        assert importing.named("Into Pool").pool == PoolRef(id=office.pool_id, name="Open customers")
        owner = importing.named("To Rita").owner
        assert owner is not None
        assert owner.id == office.rep.user_id

    def test_it_acts_with_the_rights_of_who_started_it(self, importing: Importing) -> None:
        manager = importing.office.manager
        job = importing.bring(manager, csv_of(("Name", "Owner"), ("Given Away", "stan"), ("Kept Near", "carl")))
        assert importing.codes(manager, job) == [(2, "owner", "customer.foreign_owner")]
        assert importing.office.actor_of(importing.named("Kept Near").id) == f"user:{manager.id}"

    @pytest.mark.usefixtures("small_batches")
    def test_a_parent_may_come_in_a_later_batch(self, importing: Importing) -> None:
        admin = importing.office.admin
        rows = [
            ("Leaf A", "Branch A"),
            ("Branch A", "Root A"),
            *((f"Fill A{n}", "") for n in range(20)),
            ("Root A", ""),
        ]
        job = importing.bring(admin, csv_of(("Name", "Parent"), *rows, ("Lost A", "Nowhere A")))
        assert (job.created, job.refused) == (23, 1)
        assert importing.codes(admin, job) == [(25, "parent", "customer.unknown_parent")]
        assert importing.named("Leaf A").parent_id == importing.named("Branch A").id
        assert importing.named("Branch A").parent_id == importing.named("Root A").id

    def test_what_is_there_is_changed_by_its_key(self, importing: Importing) -> None:
        admin = importing.office.admin
        before = importing.office.create(admin, "Known Co", registration_number="KC-1", industry="retail", note="stays")
        content = csv_of(
            ("Registration number", "Name", "Industry", "Note"),
            ("KC-1", "Known Company", "wholesale", ""),
            ("KC-2", "Unknown Co", "retail", ""),
        )
        job = importing.bring(admin, content, mode=ImportMode.CREATE_OR_UPDATE, key=ImportKey.REGISTRATION_NUMBER)
        assert (job.created, job.updated) == (1, 1)
        after = importing.office.read(admin, before)
        assert (after.name, after.industry, after.note) == ("Known Company", "wholesale", "stays")

    def test_rows_of_one_key_come_after_each_other(self, importing: Importing) -> None:
        admin = importing.office.admin
        content = csv_of(("Name", "Industry"), ("Twice Named", "retail"), ("twice  named", "wholesale"))
        job = importing.bring(admin, content, mode=ImportMode.CREATE_OR_UPDATE)
        assert (job.created, job.updated) == (1, 1)
        assert importing.named("twice  named").industry == "wholesale"

    def test_what_the_caller_may_not_edit_is_not_changed(self, importing: Importing) -> None:
        office = importing.office
        shared = office.create(office.stranger, "Not Theirs")
        content = csv_of(("ID", "Industry"), (str(shared.id), "stolen"))
        job = importing.bring(
            office.manager,
            content,
            mode=ImportMode.CREATE_OR_UPDATE,
            key=ImportKey.ID,
        )
        assert job.updated == 0
        assert office.read(office.admin, shared).industry is None

    def test_the_same_file_again_adds_nothing(self, importing: Importing) -> None:
        admin = importing.office.admin
        content = csv_of(("Name",), *((f"Same {number}",) for number in range(30)))
        first, second = (importing.bring(admin, content) for _ in range(2))
        assert (first.created, second.created, second.refused) == (30, 0, 30)

    def test_its_end_is_announced(self, importing: Importing) -> None:
        job = importing.bring(importing.office.admin, csv_of(("Name",), ("Announced File",)))
        ((topic, data),) = importing.office.told(job.id)
        assert (topic, data["state"], data["created"]) == ("import.finished", "finished", 1)


def _placed(rows: int) -> int:
    """How many rows of the killed imports lie on no circle nor below one: row n hangs from 7 n, unless 3 parts n."""
    hanging = {n: n * 7 % rows for n in range(rows) if n % 3}
    placed = set(range(rows)) - hanging.keys()
    while fresh := {n for n, parent in hanging.items() if parent in placed} - placed:
        placed |= fresh
    return len(placed)


class TestKills:
    @pytest.mark.usefixtures("small_batches")
    @pytest.mark.parametrize("seed", range(4))
    def test_kills_at_any_statement_change_nothing_of_the_result(self, importing: Importing, seed: int) -> None:
        admin = importing.office.admin
        points = random.Random(seed)  # noqa: S311  no secret hangs on it
        rows = [(f"Kill {seed} {n}", f"Kill {seed} {n * 7 % 40}" if n % 3 else "") for n in range(40)]
        job = importing.read(admin, csv_of(("Name", "Parent"), *rows))
        importing.ask(admin, StartImport(import_id=job.id))
        while importing.step_killed_at(points.randint(1, 60)):
            pass
        done = importing.now(admin, job)
        made = importing.found(f"kill {seed} ")
        assert (done.state, done.created, done.refused) == (ImportState.FINISHED, _placed(40), 40 - _placed(40))
        assert len({each.name for each in made}) == len(made) == _placed(40)
        events = [importing.office.told(each.id) for each in made]
        assert all(len(told) == 1 for told in events)


class TestStopping:
    def test_a_cancelled_import_goes_no_further_and_what_it_took_stays(
        self, importing: Importing, small_batches: int
    ) -> None:
        admin = importing.office.admin
        job = importing.read(admin, csv_of(("Name",), *((f"Stop {number}",) for number in range(30))))
        importing.ask(admin, StartImport(import_id=job.id))
        importing.step()
        importing.ask(admin, CancelImport(import_id=job.id))
        importing.run_all()
        done = importing.now(admin, job)
        assert (done.state, done.created) == (ImportState.CANCELLED, small_batches)
        assert len(importing.found("Stop")) == small_batches

    def test_one_that_is_over_is_not_stopped(self, importing: Importing) -> None:
        admin = importing.office.admin
        job = importing.bring(admin, csv_of(("Name",), ("Over",)))
        with refused(Conflict, "import.over"):
            importing.ask(admin, CancelImport(import_id=job.id))

    def test_one_starts_once(self, importing: Importing) -> None:
        admin = importing.office.admin
        job = importing.bring(admin, csv_of(("Name",), ("Once",)))
        with refused(Conflict, "import.not_ready"):
            importing.ask(admin, StartImport(import_id=job.id))


class TestSeeing:
    def test_each_sees_their_own_and_admins_all(self, importing: Importing) -> None:
        office = importing.office
        job = importing.read(office.manager, csv_of(("Name",), ("Mine",)))
        assert job.id in [each.id for each in importing.ask(office.admin, ListImports(limit=200)).items]
        assert job.id in [each.id for each in importing.ask(office.manager, ListImports()).items]
        with refused(NotFound, "import.not_found"):
            importing.ask(office.api_key, GetImport(import_id=job.id))

    @pytest.mark.parametrize("who", ["rep", "auditor"])
    def test_only_importers_may(self, importing: Importing, who: str) -> None:
        with refused(NotPermitted, "customer.importers_only"):
            importing.ask(getattr(importing.office, who), GetImport(import_id=UUID(int=1)))

    def test_an_error_of_ours_ends_it_after_some_attempts(self, importing: Importing) -> None:
        admin = importing.office.admin
        job = importing.read(admin, csv_of(("Name",), ("Torn",)))
        importing.ask(admin, StartImport(import_id=job.id))
        importing.files.delete(job.id)
        importing.run_all()
        done = importing.now(admin, job)
        assert done.failure is not None
        assert (done.state, done.failure.code) == (ImportState.FAILED, "internal.error")


class TestExport:
    def test_what_was_exported_comes_in_again_as_it_was(self, importing: Importing) -> None:
        office = importing.office
        office.create(
            office.admin,
            "=Exported; Co",
            phones=[
                {"number": "+86 21 6123 7001", "label": "office: main"},
                {"number": "+48 22 555 70 01", "primary": True},
            ],
            emails=[{"address": "a@exported.example"}],
            addresses=[{"street": "+1 Street", "city": "Łódź"}, {"city": "上海", "label": "second|one"}],
            tags=["a,b", "c;d"],
            note="@home\nand away",
            pool_id=office.pool_id,
        )
        before = importing.named("=Exported; Co")
        content = importing.exported(office.admin, q="=Exported; Co")
        assert b"'=Exported; Co" in content
        job = importing.bring(office.admin, content, mode=ImportMode.CREATE_OR_UPDATE, key=ImportKey.ID)
        assert (job.updated, job.refused) == (1, 0)
        assert importing.named("=Exported; Co") == before
        assert b"exported.example" in content
        renamed = (
            content.replace(b"a@exported", b"a@copied")
            .replace(b"Exported", b"Copied")
            .replace(str(before.id).encode(), b"")
            .replace(b"7001", b"7002")
            .replace(b"70 01", b"70 02")
        )
        assert importing.bring(office.admin, renamed).created == 1
        copied = importing.named("=Copied; Co")
        own = {"id", "name", "phones", "emails", "created_at", "updated_at", "version"}
        assert copied.model_dump(exclude=own) == before.model_dump(exclude=own)

    def test_each_exports_what_they_see(self, importing: Importing) -> None:
        office = importing.office
        office.create(office.stranger, "Hidden From Rep")
        assert b"Hidden From Rep" not in importing.exported(office.rep, q="Hidden From Rep")
        assert b"Hidden From Rep" in importing.exported(office.auditor, q="Hidden From Rep")
