"""The checklists that qualify leads."""

import pytest

from contracts.customer.leads import AnswerChanges, QualificationItem, QualificationMethod
from contracts.errors import InvalidInput
from services.customer.rules.leads import Answers, answered, answers_of, check_own_items, open_items

BANT, CHAMP = QualificationMethod
MET: dict[str, object] = {"met": True, "note": ""}


class TestAnswersOf:
    @pytest.mark.parametrize(
        ("method", "items"),
        [
            (BANT, ["budget", "authority", "need", "timeline"]),
            (CHAMP, ["challenges", "authority", "money", "prioritization"]),
        ],
    )
    def test_each_method_asks_four_things_that_nobody_knows_at_first(
        self, method: QualificationMethod, items: list[str]
    ) -> None:
        answers = answers_of(method, {})
        assert [answer.item for answer in answers] == items
        assert {(answer.met, answer.note) for answer in answers} == {(None, "")}


class TestOpenItems:
    def test_what_is_not_known_and_what_is_not_met_is_open(self) -> None:
        answers: Answers = {
            "budget": MET,
            "need": {"met": False, "note": "No"},
            "timeline": {"met": None, "note": "Ask"},
        }
        assert open_items(BANT, answers) == ["authority", "need", "timeline"]

    def test_answers_to_the_other_method_count_where_both_ask(self) -> None:
        assert open_items(CHAMP, {"authority": MET, "budget": MET}) == ["challenges", "money", "prioritization"]


class TestCheckOwnItems:
    def test_each_foreign_one_is_named(self) -> None:
        with pytest.raises(InvalidInput) as raised:
            check_own_items(CHAMP, [QualificationItem.MONEY, QualificationItem.BUDGET, QualificationItem.NEED])
        assert [fault.field for fault in raised.value.fields] == ["answers.budget", "answers.need"]


class TestAnswered:
    def test_what_is_not_named_stays(self) -> None:
        before = {"budget": {"met": False, "note": "Asked in May"}, "need": MET}
        after = answered(before, {QualificationItem.BUDGET: AnswerChanges(met=True)})
        assert after == {"budget": {"met": True, "note": "Asked in May"}, "need": MET}

    def test_null_takes_an_answer_back(self) -> None:
        assert answered({"need": MET}, {QualificationItem.NEED: None, QualificationItem.BUDGET: None}) == {}

    def test_a_note_alone_is_no_answer(self) -> None:
        after = answered({}, {QualificationItem.NEED: AnswerChanges(note="Call again")})
        assert after == {"need": {"met": None, "note": "Call again"}}
