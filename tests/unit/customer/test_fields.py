"""How the fields of customers and contacts are read."""

from typing import Any

import pytest

from contracts.customer.customers import Email, Kind, Phone
from contracts.errors import InvalidInput
from services.customer.rules.fields import read_contact, read_customer, read_email, read_phone


def faults(kind: Kind, **given: Any) -> list[tuple[str, str]]:
    """Fields and codes of what is wrong with the given fields."""
    with pytest.raises(InvalidInput) as raised:
        read_customer(kind, given, region="US")
    return [(fault.field, fault.code) for fault in raised.value.fields]


class TestReadPhone:
    @pytest.mark.parametrize(
        ("written", "region", "e164"),
        [
            ("+86 21 6123 4567", "US", "+862161234567"),
            ("+86 (0)21 6123-4567", "US", "+862161234567"),
            ("021-61234567", "CN", "+862161234567"),
            ("138 0013 8000", "CN", "+8613800138000"),
            ("１３８００１３８０００", "CN", "+8613800138000"),
            ("(202) 555-0143", "US", "+12025550143"),
            ("202 555 0143 ext. 5", "US", "+12025550143"),
            ("+48 22 123 45 67", "US", "+48221234567"),
            ("22 123 45 67", "PL", "+48221234567"),
        ],
    )
    def test_any_writing_becomes_e164(self, written: str, region: str, e164: str) -> None:
        assert read_phone(written, region) == e164

    @pytest.mark.parametrize("written", ["call me", "12345", "555-0143", "021-61234567", "+999 123 4567", "+1 202 555"])
    def test_what_could_not_be_dialled_from_abroad_is_no_phone(self, written: str) -> None:
        assert read_phone(written, "US") is None


class TestReadEmail:
    @pytest.mark.parametrize(
        ("written", "normalised"),
        [
            ("info@acme.example", "info@acme.example"),
            ("Li.Na@ACME.Example", "Li.Na@acme.example"),
            ("王@例子.公司", "王@例子.公司"),
        ],
    )
    def test_the_domain_is_normalised(self, written: str, normalised: str) -> None:
        assert read_email(written) == normalised

    @pytest.mark.parametrize("written", ["info", "info@", "@acme.example", "a b@acme.example", "info@localhost"])
    def test_what_can_not_be_written_to_is_no_address(self, written: str) -> None:
        assert read_email(written) is None


class TestReadCustomer:
    def test_phones_keep_their_writing_beside_e164(self) -> None:
        read = read_customer("company", {"phones": [Phone(number="+86 21 6123 4567", label="office")]}, region="US")
        assert read == {
            "phones": [Phone(number="+86 21 6123 4567", e164="+862161234567", label="office", primary=True)]
        }

    def test_a_writer_does_not_set_e164(self) -> None:
        read = read_customer("company", {"phones": [Phone(number="+1 202 555 0143", e164="+1999")]}, region="US")
        assert read["phones"][0].e164 == "+12025550143"

    def test_the_first_is_primary_where_none_is_marked(self) -> None:
        emails = [Email(address="a@x.example"), Email(address="b@x.example")]
        read = read_customer("person", {"emails": emails}, region="US")
        assert [email.primary for email in read["emails"]] == [True, False]

    def test_the_marked_one_stays_primary(self) -> None:
        emails = [Email(address="a@x.example"), Email(address="b@x.example", primary=True)]
        read = read_customer("person", {"emails": emails}, region="US")
        assert [email.primary for email in read["emails"]] == [False, True]

    def test_a_tag_stands_once(self) -> None:
        assert read_customer("company", {"tags": ["vip", "fair", "vip"]}, region="US") == {"tags": ["vip", "fair"]}

    def test_absent_fields_stay_absent(self) -> None:
        assert read_customer("company", {"name": "Acme", "website": None}, region="US") == {
            "name": "Acme",
            "website": None,
        }

    @pytest.mark.parametrize(
        "website", ["https://acme.example", "http://acme.example:8080/a?b", "acme.example", "例子.公司/关于"]
    )
    def test_web_addresses_are_taken(self, website: str) -> None:
        assert read_customer("company", {"website": website}, region="US") == {"website": website}

    @pytest.mark.parametrize(
        "website",
        [
            "javascript:alert(1)",
            "javascript:1/alert(1)",
            "javascript://x.y/%0aalert(1)",
            "ftp://acme.example",
            "acme",
            "a b.example",
            "http://[x",
        ],
    )
    def test_anything_else_is_no_website(self, website: str) -> None:
        assert faults("company", website=website) == [("website", "website.invalid")]

    @pytest.mark.parametrize("field", ["birthday", "employer"])
    def test_a_company_has_no_fields_of_a_person(self, field: str) -> None:
        assert faults("company", **{field: "x"}) == [(field, "customer.person_field")]

    @pytest.mark.parametrize(
        "field",
        ["legal_name", "registration_number", "website", "industry", "size", "founded_in", "parent_id", "parent"],
    )
    def test_a_person_has_no_fields_of_a_company(self, field: str) -> None:
        assert faults("person", **{field: "acme.example"}) == [(field, "customer.company_field")]

    def test_clearing_a_foreign_field_is_no_fault(self) -> None:
        assert read_customer("person", {"size": None}, region="US") == {"size": None}

    def test_every_fault_is_named_by_its_field(self) -> None:
        found = faults(
            "company",
            employer="Acme",
            phones=[Phone(number="+1 202 555 0143"), Phone(number="nonsense"), Phone(number="(202) 555-0143")],
            emails=[
                Email(address="a@x.example", primary=True),
                Email(address="A@X.example", primary=True),
                Email(address="b"),
            ],
            website="acme",
        )
        assert found == [
            ("employer", "customer.person_field"),
            ("phones.1.number", "phone.invalid"),
            ("phones.2.number", "phone.repeated"),
            ("emails.1.address", "email.repeated"),
            ("emails.2.address", "email.invalid"),
            ("emails.1.primary", "email.several_primary"),
            ("website", "website.invalid"),
        ]


class TestReadContact:
    def test_phones_and_emails_are_read_as_a_customers(self) -> None:
        given = {"title": "CFO", "phones": [Phone(number="021-61234567")], "emails": [Email(address="x@ACME.example")]}
        read = read_contact(given, region="CN")
        assert read["title"] == "CFO"
        assert read["phones"][0].e164 == "+862161234567"
        assert read["emails"][0].address == "x@acme.example"

    def test_an_unreadable_phone_is_refused_by_its_field(self) -> None:
        with pytest.raises(InvalidInput) as raised:
            read_contact({"phones": [Phone(number="nonsense")]}, region="CN")
        assert raised.value.fields[0].field == "phones.0.number"
