"""How names are compared: what is only writing, form, place or trade does not tell two customers apart."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.customer.rules.names import plain, read_name


class TestPlain:
    @given(st.text(max_size=60))
    def test_changes_nothing_the_second_time(self, text: str) -> None:
        assert plain(plain(text)) == plain(text)

    @given(st.text(max_size=60))
    def test_writing_in_capitals_does_not_matter(self, text: str) -> None:
        # Of letters without a capital of their own, such as ŉ, capitals make others.
        if text.upper().casefold() == text.casefold():
            assert plain(text.upper()) == plain(text)

    @pytest.mark.parametrize(
        ("one", "other"),
        [("Żółw", "zolw"), ("ＡＣＭＥ", "Acme"), ("臺灣積體電路", "台湾积体电路"), ("O'Brien & Co.", "obrien co")],
    )
    def test_accents_width_and_traditional_characters_do_not_matter(self, one: str, other: str) -> None:
        assert plain(one) == plain(other)


class TestReadName:
    @pytest.mark.parametrize(
        ("name", "core"),
        [
            ("Acme Trading Ltd.", "acme"),
            ("ACME Sp. z o.o.", "acme"),
            ("Acme spółka z ograniczoną odpowiedzialnością sp. k.", "acme"),
            ("Przedsiębiorstwo Handlowo-Usługowe Żółw s.c.", "zolw"),
            ("北京华兴科技有限公司", "华兴"),
            ("北京市華興科技股份有限公司", "华兴"),
            ("华兴（上海）贸易有限公司", "华兴"),
            ("3M", "3m"),
        ],
    )
    def test_a_company_is_told_by_what_is_left_without_form_place_and_trade(self, name: str, core: str) -> None:
        assert read_name("company", name).core == core

    @pytest.mark.parametrize(
        "name", ["The Company Ltd", "S.A.", "有限公司", "中国建筑工程有限公司", "Trading Solutions"]
    )
    def test_a_name_of_nothing_else_stays_whole(self, name: str) -> None:
        assert read_name("company", name).core == read_name("company", name).whole != ""

    @pytest.mark.parametrize("name", ["Łukasz Żak", "Żak, Łukasz", "ŁUKASZ  ŻAK"])
    def test_a_person_is_the_same_whichever_name_comes_first(self, name: str) -> None:
        assert read_name("person", name).core == "lukasz zak"

    def test_a_chinese_person_is_the_same_with_and_without_a_blank(self) -> None:
        assert read_name("person", "王 偉") == read_name("person", "王伟")

    @given(st.sampled_from(["company", "person"]), st.text(min_size=1, max_size=80))
    def test_any_name_can_be_read(self, kind: str, name: str) -> None:
        read = read_name("person" if kind == "person" else "company", name)
        assert bool(read.core) == bool(plain(name))
