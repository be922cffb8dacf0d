"""What a row is known by."""

from typing import Any

import pytest

from contracts.customer.import_jobs import ImportKey
from services.customer.rules.import_keys import known_by


class TestKnownBy:
    @pytest.mark.parametrize(
        ("key", "given", "known"),
        [
            (ImportKey.NAME, {"name": "Acme  Trading"}, "acmetrading"),
            (ImportKey.REGISTRATION_NUMBER, {"registration_number": "KC-1"}, "KC-1"),
            (ImportKey.EMAIL, {"emails": [{"address": "Info@Acme.example"}]}, "info@acme.example"),
            (
                ImportKey.EMAIL,
                {"emails": [{"address": "a@b.example"}, {"address": "c@d.example", "primary": True}]},
                "c@d.example",
            ),
            (ImportKey.PHONE, {"phones": [{"number": "021-61234567"}]}, "+862161234567"),
        ],
    )
    def test_it_is_compared_as_records_are_kept(self, key: ImportKey, given: dict[str, Any], known: str) -> None:
        assert known_by(key, given, region="CN") == known

    @pytest.mark.parametrize(
        ("key", "given"),
        [
            *((key, {}) for key in ImportKey),
            (ImportKey.ID, {"id": "none"}),
            (ImportKey.EMAIL, {"emails": [{"address": "nobody"}]}),
            (ImportKey.PHONE, {"phones": [{"number": "12"}]}),
        ],
    )
    def test_what_is_not_given_or_can_not_be_read_is_no_key(self, key: ImportKey, given: dict[str, Any]) -> None:
        assert known_by(key, given, region="CN") is None
