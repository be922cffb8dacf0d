"""Files on customers: who sees and changes them, their content, and what becomes of them with their customer."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import update

from contracts.customer.attachments import (
    AddAttachment,
    Attachment,
    GetAttachment,
    GetAttachmentPart,
    ListAttachments,
    RemoveAttachment,
)
from contracts.customer.collaborators import AddCollaborator
from contracts.customer.customers import Customer
from contracts.customer.deletion import DeleteCustomer, RestoreCustomer
from contracts.customer.history import RecordKind
from contracts.customer.uploads import PART_BYTES, BeginUpload, GetUpload
from contracts.errors import Conflict, NotFound, NotPermitted
from servicekit import clock
from servicekit.context import Caller
from servicekit.database import new_id
from servicekit.testing import calling, refused
from services.customer import models
from services.customer.operations import attachments, uploads
from tests.integration.customer.importing import Importing
from tests.integration.customer.office import Office, at_once


def attach(importing: Importing, by: Caller, customer: Customer, content: bytes = b"Hello", **more: str) -> Attachment:
    """An uploaded file on a customer."""
    upload_id = importing.upload(by, content, name="offer 报价.pdf")
    return importing.office.ask(by, AddAttachment(customer_id=customer.id, upload_id=upload_id, **more))


def files_of(office: Office, customer: Customer, by: Caller | None = None) -> list[UUID]:
    """The files that are on a customer now, latest first."""
    listed = office.ask(by or office.admin, ListAttachments(customer_id=customer.id, limit=200))
    return [each.id for each in listed.items]


def part(importing: Importing, by: Caller, file: Attachment, number: int = 0) -> bytes:
    """A piece of a file's content."""
    request = GetAttachmentPart(customer_id=file.customer_id, attachment_id=file.id, part=number)
    with calling(by), importing.office.database.transaction() as db:
        return attachments.part(db, importing.files, request).data


def removal(file: Attachment) -> RemoveAttachment:
    """What removes a file."""
    return RemoveAttachment(customer_id=file.customer_id, attachment_id=file.id)


def sweep(importing: Importing) -> None:
    """What the service's timer does."""
    with calling(importing.office.service), importing.office.database.transaction() as db:
        attachments.forget_removed(db, importing.files)
        uploads.forget_unused(db, importing.files)


class TestAdd:
    def test_the_upload_becomes_it_under_the_same_id(self, importing: Importing) -> None:
        office = importing.office
        made = office.create(office.rep, "Filed")
        upload_id = importing.upload(office.rep, b"Hello", name="hello.txt")
        file = office.ask(office.rep, AddAttachment(customer_id=made.id, upload_id=upload_id))
        assert (file.id, file.name, file.size, file.added_by.name) == (upload_id, "hello.txt", 5, "Rita")
        assert office.ask(office.rep, GetAttachment(customer_id=made.id, attachment_id=file.id)) == file
        with refused(NotFound, "upload.not_found"):
            importing.ask(office.rep, GetUpload(upload_id=upload_id))
        with refused(NotFound, "upload.not_found"):
            office.ask(office.rep, AddAttachment(customer_id=made.id, upload_id=upload_id))

    def test_it_may_have_another_name_and_leaves_the_customers_version(self, importing: Importing) -> None:
        office = importing.office
        made = office.create(office.rep, "Named")
        assert attach(importing, office.rep, made, name="Contract").name == "Contract"
        assert office.read(office.rep, made).version == made.version

    def test_who_edits_the_customer_adds_their_own_files(self, importing: Importing) -> None:
        office = importing.office
        made = office.create(office.rep, "Shared")
        for who, access in ((office.stranger, "edit"), (office.colleague, "read")):
            shared = {"customer_id": made.id, "user_id": who.user_id, "access": access}
            office.ask(office.rep, AddCollaborator.model_validate(shared))
        for who in (office.rep, office.stranger, office.manager, office.admin, office.api_key):
            attach(importing, who, made)
        with refused(NotPermitted, "customer.read_only"):
            attach(importing, office.colleague, made)
        with refused(NotPermitted, "customer.read_only"):
            office.ask(office.auditor, AddAttachment(customer_id=made.id, upload_id=new_id()))
        theirs = importing.upload(office.stranger, b"Mine")
        with refused(NotFound, "upload.not_found"):
            office.ask(office.rep, AddAttachment(customer_id=made.id, upload_id=theirs))

    def test_who_does_not_see_the_customer_learns_nothing(self, importing: Importing) -> None:
        office = importing.office
        made = office.create(office.rep, "Hidden")
        file = attach(importing, office.rep, made)
        with refused(NotFound, "customer.not_found"):
            attach(importing, office.stranger, made)
        asked: list[Any] = [
            ListAttachments(customer_id=made.id),
            GetAttachment(customer_id=made.id, attachment_id=file.id),
            removal(file),
        ]
        for request in asked:
            with refused(NotFound, "customer.not_found"):
                office.ask(office.stranger, request)
        with refused(NotFound, "customer.not_found"):
            part(importing, office.stranger, file)

    def test_a_torn_file_is_refused_and_stays_an_upload(self, importing: Importing) -> None:
        office = importing.office
        made, torn = office.create(office.rep, "Torn"), importing.ask(office.rep, BeginUpload(name="torn.bin"))
        with refused(Conflict, "upload.incomplete"):
            office.ask(office.rep, AddAttachment(customer_id=made.id, upload_id=torn.id))
        assert importing.ask(office.rep, GetUpload(upload_id=torn.id)) == torn

    def test_a_customer_has_at_most_five_hundred_however_many_come_at_once(
        self, importing: Importing, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(attachments, "MOST", 2)
        office = importing.office
        made = office.create(office.rep, "Full")
        ids = [importing.upload(office.rep, b"x") for _ in range(4)]
        adding = [
            lambda each=each: office.ask(office.rep, AddAttachment(customer_id=made.id, upload_id=each)) for each in ids
        ]
        assert sorted(at_once(*adding)) == ["attachment.too_many"] * 2 + ["done"] * 2
        assert len(files_of(office, made)) == 2


class TestContent:
    def test_it_is_what_was_sent_part_by_part(self, importing: Importing) -> None:
        office = importing.office
        content = bytes(range(256)) * 5_000
        file = attach(importing, office.rep, office.create(office.rep, "Read"), content)
        read = [part(importing, office.auditor, file, number) for number in range(3)]
        assert [len(each) for each in read] == [PART_BYTES, PART_BYTES, len(content) - 2 * PART_BYTES]
        assert b"".join(read) == content
        with refused(NotFound, "attachment.not_found"):
            part(importing, office.auditor, file, 3)

    def test_a_file_of_another_customer_is_not_there(self, importing: Importing) -> None:
        office = importing.office
        file = attach(importing, office.rep, office.create(office.rep, "One"))
        other = file.model_copy(update={"customer_id": office.create(office.rep, "Other").id})
        with refused(NotFound, "attachment.not_found"):
            part(importing, office.rep, other)


class TestList:
    def test_it_comes_latest_first_by_pages(self, importing: Importing) -> None:
        office = importing.office
        made = office.create(office.rep, "Many")
        ids = [attach(importing, office.rep, made).id for _ in range(3)]
        first = office.ask(office.rep, ListAttachments(customer_id=made.id, limit=2, count=True))
        rest = office.ask(office.rep, ListAttachments(customer_id=made.id, limit=2, cursor=first.next_cursor))
        assert [each.id for each in [*first.items, *rest.items]] == ids[::-1]
        assert (first.total, rest.next_cursor) == (3, None)


class TestRemove:
    def test_it_is_gone_at_once_and_its_content_a_day_later(self, importing: Importing) -> None:
        office = importing.office
        made = office.create(office.rep, "Removed")
        file, kept = attach(importing, office.rep, made), attach(importing, office.rep, made)
        office.ask(office.rep, removal(file))
        assert files_of(office, made) == [kept.id]
        with refused(NotFound, "attachment.not_found"):
            part(importing, office.rep, file)
        with refused(NotFound, "attachment.not_found"):
            office.ask(office.rep, removal(file))
        sweep(importing)
        assert importing.files.part(file.id, 0) == b"Hello"
        self._age(office, file)
        sweep(importing)
        with pytest.raises(FileNotFoundError):
            importing.files.part(file.id, 0)
        assert part(importing, office.rep, kept) == b"Hello"
        assert file.id not in {row["id"] for row in office.rows("attachments")["attachments"]}

    def test_who_only_sees_the_customer_may_not(self, importing: Importing) -> None:
        office = importing.office
        made = office.create(office.rep, "Looked at")
        file = attach(importing, office.rep, made)
        shared = AddCollaborator(customer_id=made.id, user_id=office.stranger.user_id)
        office.ask(office.rep, shared)
        assert files_of(office, made, by=office.stranger) == [file.id]
        for who in (office.stranger, office.auditor):
            with refused(NotPermitted, "customer.read_only"):
                office.ask(who, removal(file))

    def test_the_history_tells_both(self, importing: Importing) -> None:
        office = importing.office
        made = office.create(office.rep, "Told")
        file = attach(importing, office.rep, made)
        office.ask(office.manager, removal(file))
        detached, attached = office.history(made, record=RecordKind.ATTACHMENT)
        assert (attached.kind, attached.record_id, attached.actor.name) == ("attached", file.id, "Rita")
        assert (detached.kind, detached.actor.name) == ("detached", "Mona")
        assert [(each.field, each.after) for each in attached.fields] == [("name", "offer 报价.pdf"), ("size", 5)]
        assert [(each.field, each.before) for each in detached.fields] == [("name", "offer 报价.pdf"), ("size", 5)]

    @staticmethod
    def _age(office: Office, file: Attachment) -> None:
        before = clock.now() - timedelta(days=1, minutes=1)
        with office.database.transaction() as db:
            db.execute(update(models.Attachment).where(models.Attachment.id == file.id).values(removed_at=before))


class TestTheirCustomer:
    def test_they_move_with_a_merge_and_back_with_its_undoing(self, importing: Importing) -> None:
        office = importing.office
        survivor, loser = office.create(office.rep, "Survivor"), office.create(office.rep, "Loser")
        own, moved, dropped = (attach(importing, office.rep, each) for each in (survivor, loser, loser))
        merge = office.merge(office.rep, survivor, loser)
        assert merge.moved.attachments == 2
        assert set(files_of(office, survivor)) == {own.id, moved.id, dropped.id}
        assert part(importing, office.rep, moved.model_copy(update={"customer_id": survivor.id})) == b"Hello"
        with refused(NotFound, "customer.merged"):
            part(importing, office.rep, moved)
        later = attach(importing, office.rep, survivor)
        office.ask(office.rep, removal(dropped.model_copy(update={"customer_id": survivor.id})))
        office.undo(office.rep, merge)
        assert set(files_of(office, survivor)) == {own.id, later.id}
        assert files_of(office, loser) == [moved.id]

    def test_more_than_one_customer_may_have_are_not_merged(
        self, importing: Importing, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(attachments, "MOST", 1)
        office = importing.office
        both = [office.create(office.rep, name) for name in ("Too", "Much")]
        for each in both:
            attach(importing, office.rep, each)
        with refused(Conflict, "merge.too_much"):
            office.merge(office.rep, *both)

    def test_they_are_hidden_while_it_is_deleted(self, importing: Importing) -> None:
        office = importing.office
        made = office.create(office.rep, "Deleted")
        file = attach(importing, office.rep, made)
        office.ask(office.rep, DeleteCustomer(customer_id=made.id, version=made.version))
        with refused(NotFound, "customer.not_found"):
            part(importing, office.admin, file)
        office.ask(office.manager, RestoreCustomer(customer_id=made.id))
        assert part(importing, office.rep, file) == b"Hello"
