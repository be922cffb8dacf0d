"""What a search means, and what is kept so that it finds."""

import pytest

from contracts.customer.customers import Email, Phone
from services.customer.rules.search import Search, fold, name_key, name_pieces, read_search, search_keys


class TestFold:
    @pytest.mark.parametrize(
        ("text", "folded"),
        [
            ("ACME  Trading ", "acme trading"),
            ("ＡＣＭＥ　贸易", "acme 贸易"),
            ("Straße", "strasse"),
            ("Łódź", "łódź"),
            ("上海贸易", "上海贸易"),
        ],
    )
    def test_case_width_and_blanks_tell_no_names_apart(self, text: str, folded: str) -> None:
        assert fold(text) == folded


class TestNameKey:
    def test_blanks_do_not_count_at_all(self) -> None:
        assert name_key("GTX Pro") == name_key("gtx  PRO") == name_key("GtxPro") == "gtxpro"


class TestNamePieces:
    def test_all_characters_and_pairs_without_blanks(self) -> None:
        assert name_pieces("上海 ab") == sorted(["上", "海", "上海", "a", "b", "ab"])


class TestSearchKeys:
    def test_a_phone_is_kept_in_both_writings(self) -> None:
        keys = search_keys("Acme", [Phone(number="021-61234567", e164="+862161234567")], [])
        assert keys["phone_digits"] == "862161234567 02161234567"

    def test_addresses_are_folded(self) -> None:
        emails = [Email(address="Li.Na@acme.example"), Email(address="info@acme.example")]
        assert search_keys("Acme", [], emails)["folded_emails"] == "li.na@acme.example info@acme.example"


class TestReadSearch:
    def test_words_are_a_fragment_of_a_name(self) -> None:
        assert read_search("Acme  TRADING", region="US") == Search("acme trading")

    def test_an_address_is_looked_for_in_addresses_too(self) -> None:
        assert read_search("Info@Acme.example", region="US") == Search("info@acme.example", email="info@acme.example")

    @pytest.mark.parametrize(
        ("written", "region", "digits"),
        [
            ("+86 21 6123 4567", "US", {"862161234567"}),
            ("0086 21 6123 4567", "US", {"00862161234567", "862161234567"}),
            ("(021) 6123-4567", "CN", {"02161234567", "2161234567", "862161234567"}),
            ("+86 (0)21 6123 4567", "US", {"8602161234567", "862161234567"}),
            ("6123 4567", "US", {"61234567"}),
            ("６１２３－４５６７", "US", {"61234567"}),
            ("020 7946 0018", "GB", {"02079460018", "2079460018", "442079460018"}),
        ],
    )
    def test_a_phone_in_any_writing_is_looked_for_by_its_digits(
        self, written: str, region: str, digits: set[str]
    ) -> None:
        assert set(read_search(written, region=region).digits) == digits

    @pytest.mark.parametrize("text", ["3M", "12", "Studio 54", "360 Software", "--", "007 Ltd"])
    def test_other_texts_are_no_phones(self, text: str) -> None:
        assert read_search(text, region="US").digits == ()
