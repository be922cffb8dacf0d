"""Which steps a lifecycle has, and when there must be a reason."""

import pytest

from contracts.errors import Conflict, InvalidInput
from contracts.values import Lifecycle
from servicekit.testing import refused
from services.customer.rules.lifecycle import check_junk_reason, check_step, converts

LEAD, QUALIFIED, PROSPECT, CUSTOMER, CHURNED, JUNK = Lifecycle


def allowed_from(stage: Lifecycle) -> set[Lifecycle]:
    """Where one may go."""
    found = set()
    for after in set(Lifecycle) - {stage}:
        try:
            check_step(stage, after)
        except Conflict:
            continue
        found.add(after)
    return found


class TestCheckStep:
    @pytest.mark.parametrize(
        ("stage", "allowed"),
        [
            (LEAD, {QUALIFIED, PROSPECT, CUSTOMER, JUNK}),
            (QUALIFIED, {LEAD, PROSPECT, CUSTOMER, JUNK}),
            (PROSPECT, {LEAD, QUALIFIED, CUSTOMER, JUNK}),
            (CUSTOMER, {PROSPECT, CHURNED}),
            (CHURNED, {PROSPECT, CUSTOMER}),
            (JUNK, {LEAD, QUALIFIED}),
        ],
    )
    def test_from_each_stage_there_are_just_these(self, stage: Lifecycle, allowed: set[Lifecycle]) -> None:
        assert allowed_from(stage) == allowed

    def test_a_refusal_names_where_one_may_go(self) -> None:
        with pytest.raises(Conflict) as raised:
            check_step(JUNK, CUSTOMER)
        assert raised.value.code == "lifecycle.not_allowed"
        assert raised.value.data == {"lifecycle": "junk", "allowed": ["lead", "marketing_qualified"]}
        assert "lead, marketing_qualified" in raised.value.detail


class TestConverts:
    def test_only_a_lead_is_converted(self) -> None:
        steps = {(before, after) for before in Lifecycle for after in Lifecycle if converts(before, after)}
        assert steps == {(LEAD, PROSPECT), (LEAD, CUSTOMER), (QUALIFIED, PROSPECT), (QUALIFIED, CUSTOMER)}


class TestCheckJunkReason:
    def test_junk_has_one(self) -> None:
        check_junk_reason(JUNK, "Wrong number")
        with refused(InvalidInput, "customer.junk_reason_required"):
            check_junk_reason(JUNK, None)

    def test_nothing_else_has(self) -> None:
        check_junk_reason(LEAD, None)
        with refused(InvalidInput, "customer.not_junk"):
            check_junk_reason(LEAD, "Wrong number")
