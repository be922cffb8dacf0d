"""Rows that mean a customer by one of its e-mails or phones, against a real database."""

import pytest

from contracts.customer.import_jobs import ImportKey, ImportMode
from tests.integration.customer.importing import Importing, csv_of


class TestKeys:
    @pytest.mark.parametrize(
        ("key", "cell"),
        [
            (ImportKey.EMAIL, "*Second@KEY.example; new@key.example"),
            (ImportKey.PHONE, "+48 22 555 8103; *+48 (22) 555-81-02"),
        ],
    )
    def test_by_an_email_or_phone_whoever_has_it_among_others_is_changed_and_loses_none(
        self, importing: Importing, key: ImportKey, cell: str
    ) -> None:
        admin = importing.office.admin
        field = {ImportKey.EMAIL: "emails", ImportKey.PHONE: "phones"}[key]
        reachable = {
            "emails": [{"address": "first@key.example"}, {"address": "second@key.example"}],
            "phones": [{"number": "+48 22 555 8101"}, {"number": "+48 22 555 8102"}],
        }
        before = importing.office.create(admin, f"Keyed by {key}", **{field: reachable[field]})
        content = csv_of(("Name", key, "Industry"), (before.name, cell, "retail"))
        job = importing.bring(admin, content, mode=ImportMode.CREATE_OR_UPDATE, key=key)
        assert (job.updated, importing.codes(admin, job)) == (1, [])
        after = importing.office.read(admin, before)
        assert after.industry == "retail"
        assert getattr(after, field)[:2] == getattr(before, field)
        assert len(getattr(after, field)) == 3

    def test_one_key_of_two_records_changes_neither(self, importing: Importing) -> None:
        admin = importing.office.admin
        for number in range(2):
            emails = [{"address": "both@key.example"}]
            importing.office.create(admin, f"Both {number}", emails=emails, despite_duplicates="Two branches")
        content = csv_of(("Name", "Email", "Industry"), ("Both 0", "both@key.example", "retail"))
        job = importing.bring(admin, content, mode=ImportMode.CREATE_OR_UPDATE, key=ImportKey.EMAIL)
        assert importing.codes(admin, job) == [(2, "", "import.ambiguous")]
