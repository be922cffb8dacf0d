"""Fields in the cells of a table, and back again."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.customer.customers import Address, CustomerFields, Email, Handle, Phone
from services.customer.rules.cells import customer_cells, read_cells
from services.customer.rules.import_columns import CUSTOMER_HEADINGS, guessed

WORDS = st.text(st.characters(exclude_categories=["C"]), min_size=1, max_size=15).map(str.strip).filter(bool)
SHORT = st.one_of(st.just(""), WORDS)
ADDRESSES = st.builds(Address, label=SHORT, street=SHORT, city=SHORT, country=SHORT)


def marked(items: list[Any], primary: int) -> list[Any]:
    """The items with one primary one, as customers have them."""
    return [item.model_copy(update={"primary": place == primary % len(items)}) for place, item in enumerate(items)]


CUSTOMERS = st.builds(
    CustomerFields,
    name=WORDS,
    note=st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=20).filter(lambda text: bool(text.strip())),
    phones=st.lists(st.builds(Phone, number=WORDS, label=SHORT), max_size=3),
    emails=st.lists(st.builds(Email, address=WORDS, label=SHORT), max_size=3),
    handles=st.lists(st.builds(Handle, network=WORDS, name=WORDS), max_size=3),
    addresses=st.lists(ADDRESSES.filter(lambda each: each != Address()), max_size=3),
    tags=st.lists(WORDS, max_size=3),
    size=st.one_of(st.none(), st.integers(0, 1000)),
    do_not_contact=st.booleans(),
)


class TestReadCells:
    @given(customer=CUSTOMERS, primary=st.integers(0, 2))
    def test_what_was_written_is_read_again(self, customer: CustomerFields, primary: int) -> None:
        phones = marked(customer.phones, primary) if customer.phones else []
        whole = customer.model_copy(update={"phones": phones})
        read = CustomerFields.model_validate(read_cells(customer_cells(whole)))
        if primary == 0 or len(phones) == 1:  # the first one is the primary one without a word
            read = read.model_copy(update={"phones": marked(read.phones, 0) if read.phones else []})
        assert read.model_dump(exclude={"phones"}) == whole.model_dump(exclude={"phones"})
        if phones and not phones[0].primary:
            assert read.phones == phones

    @pytest.mark.parametrize(
        ("field", "text", "value"),
        [
            ("phones", "021 6123 4567, +48 22 555 01 23", [("", "021 6123 4567"), ("", "+48 22 555 01 23")]),
            ("phones", "office: 021 6123；mobile: 139", [("office", "021 6123"), ("mobile", "139")]),
        ],
    )
    def test_a_cell_holds_a_list_as_people_write_one(self, field: str, text: str, value: list[tuple[str, str]]) -> None:
        assert [(each["label"], each["number"]) for each in read_cells({field: text})[field]] == value

    @pytest.mark.parametrize(("text", "value"), [("tak", True), ("是", True), ("No", False), ("0", False)])
    def test_yes_and_no_are_read_in_three_languages(self, text: str, value: bool) -> None:
        assert read_cells({"do_not_contact": text}) == {"do_not_contact": value}

    def test_an_empty_cell_says_nothing(self) -> None:
        assert read_cells({"name": "Acme", "size": "", "tags": " ", "city": ""}) == {"name": "Acme"}


class TestGuessed:
    @pytest.mark.parametrize(
        ("heading", "field"),
        [
            ("Company name", "name"),
            ("公司名称", "name"),
            ("Nazwa firmy", "name"),
            ("E-Mail", "emails"),
            ("联系电话", "phones"),
            ("Kod pocztowy", "postal_code"),
            ("TAX_ID", "registration_number"),
            ("registration_number", "registration_number"),
        ],
    )
    def test_headings_are_known_in_three_languages(self, heading: str, field: str) -> None:
        assert guessed([heading], CUSTOMER_HEADINGS) == {field: heading}

    def test_no_heading_means_two_fields(self) -> None:
        aliases = [alias for field, words in CUSTOMER_HEADINGS.items() for alias in {*words.split("|"), field}]
        twice = {alias for alias in aliases if aliases.count(alias) > 1}
        assert twice == set()
