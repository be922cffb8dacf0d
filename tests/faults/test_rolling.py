"""Stop and deploy without loss: two replicas of each are replaced one by one under load, and nobody notices."""

import pytest

from tests.faults.browser import Resident, Visitor
from tests.faults.form import SEED
from tests.faults.house import House
from tests.faults.quiet import audited
from tests.faults.writers import at_work

REPLICAS = ("customer", "customer-2", "pool", "pool-2", "gateway", "gateway-2")


class TestRolling:
    @pytest.mark.timeout(400)
    def test_a_rolling_restart_under_load_is_seen_by_nobody(self, house: House) -> None:
        before = house.ledger.answers.copy()
        codes = {}
        with at_work(house, [Resident, Visitor], seed=SEED):
            for name in REPLICAS:
                house.suite[name].stop()
                codes[name] = house.suite[name].exit_code
                house.suite.start(name)
        answers = house.ledger.answers - before
        assert {line: times for line, times in answers.items() if ": 2" not in line} == {}
        assert answers.total() > 0
        assert codes == dict.fromkeys(REPLICAS, 0)
        audited(house).require_right()
