"""Which contact of a company a row means, and how rows name their company."""

from dataclasses import dataclass, field
from uuid import UUID

import pytest

from contracts.customer.contacts import ContactFields
from contracts.customer.customers import Email, Phone
from contracts.customer.import_jobs import ImportKey
from servicekit.database import new_id
from services.customer.rules.import_columns import CONTACT_HEADINGS, CUSTOMER_HEADINGS, guessed
from services.customer.rules.import_contacts import Colleagues, company_of


@dataclass
class Person:
    """A contact that is there."""

    name: str
    emails: list[Email] = field(default_factory=list)
    phones: list[Phone] = field(default_factory=list)
    id: UUID = field(default_factory=new_id)


ANN = Person("Ann Li", emails=[Email(address="Ann@li.example")], phones=[Phone(number="+1 202 555 0143")])
BOB = Person("Bob Ng")


def colleagues(*people: Person) -> Colleagues[Person]:
    """The contacts of a company."""
    return Colleagues(people, region="US")


class TestColleagues:
    @pytest.mark.parametrize(
        ("key", "value"),
        [
            (ImportKey.NAME, "annli"),
            (ImportKey.EMAIL, "ann@li.example"),
            (ImportKey.PHONE, "+12025550143"),
            (ImportKey.ID, ANN.id),
        ],
    )
    def test_each_is_found_by_all_that_they_are_known_by(self, key: ImportKey, value: object) -> None:
        assert colleagues(ANN, BOB).known_by(key, value) == [ANN]

    def test_nobody_is_known_by_nothing(self) -> None:
        assert colleagues(ANN, BOB).known_by(ImportKey.EMAIL, None) == []

    def test_who_changed_is_known_by_what_they_are_now(self) -> None:
        cid = Person("Cid")
        known = colleagues(cid)
        cid.name = "Sid"
        known.know(cid)
        assert known.known_by(ImportKey.NAME, "cid") == []
        assert known.known_by(ImportKey.NAME, "sid") == [cid]

    @pytest.mark.parametrize(
        ("fields", "there"),
        [
            (ContactFields(name="Another", emails=[Email(address="ANN@li.example")]), True),
            (ContactFields(name="ann  LI"), True),
            (ContactFields(name="Ann Li", emails=[Email(address="other@li.example")]), False),
            (ContactFields(name="Bob Ng", emails=[Email(address="bob@li.example")]), True),
            (ContactFields(name="Cid"), False),
        ],
    )
    def test_one_is_there_by_an_address_or_by_the_name_where_addresses_do_not_tell(
        self, fields: ContactFields, there: bool
    ) -> None:
        assert colleagues(ANN, BOB).there(fields) is there


class TestCompanyOf:
    def test_the_surest_name_counts(self) -> None:
        said = {"customer": "Acme", "customer_registration_number": "RN-1", "customer_id": "x"}
        assert company_of(said) == ("customer_id", "x")
        assert company_of({"customer": "Acme", "customer_registration_number": "RN-1"}) == (
            "customer_registration_number",
            "RN-1",
        )
        assert company_of({"customer": "Acme"}) == ("customer", "Acme")
        assert company_of({"name": "Ann"}) is None


class TestGuessed:
    @pytest.mark.parametrize(
        "headings",
        [
            ("Company", "Full name", "Job title", "E-mail", "Manager"),
            ("公司名称", "联系人", "职位", "邮箱", "上级"),
            ("Nazwa firmy", "Imię i nazwisko", "Stanowisko", "E-mail", "Przełożony"),
        ],
    )
    def test_columns_of_contacts_are_guessed_in_each_language(self, headings: tuple[str, ...]) -> None:
        fields = ("customer", "name", "title", "emails", "reports_to")
        assert guessed(headings, CONTACT_HEADINGS) == dict(zip(fields, headings, strict=True))

    @pytest.mark.parametrize("fields", [CUSTOMER_HEADINGS, CONTACT_HEADINGS])
    def test_a_fields_own_name_means_the_field(self, fields: dict[str, str]) -> None:
        assert guessed(list(fields), fields) == {name: name for name in fields}
