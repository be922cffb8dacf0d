"""A simulated year: every change of hands is explained by a rule, and equals what an independent model says.

RECLAIM_CUSTOMERS=10000 RECLAIM_SEED=1 make test ARGS=tests/integration/pool/test_year.py is the long form.
"""

import os
import random
from datetime import date, timedelta
from uuid import UUID

import pytest

from contracts.pool.claims import ClaimStatus
from contracts.pool.rules import Clocks
from servicekit import clock, company
from servicekit.context import Caller
from tests.integration.pool.brute_force import Book, Limits
from tests.integration.pool.desk import ADMIN, rep
from tests.integration.pool.reclaiming import DAY, Season
from tests.integration.pool.world import Deal

CUSTOMERS = int(os.environ.get("RECLAIM_CUSTOMERS", "100"))
SEED = int(os.environ.get("RECLAIM_SEED", "11"))
DAYS = 365
REPS = 8


class Company:
    """People who work with customers as chance has it; the book is told of each step."""

    def __init__(self, season: Season) -> None:
        self.season = season
        self.book = Book()
        self.chance = random.Random(SEED)  # noqa: S311  the same year again, no secret
        self.people: list[Caller] = [rep() for _ in range(REPS)]
        self.customers: list[UUID] = []
        self.deals: dict[UUID, list[Deal]] = {}

    def begin(self) -> None:
        """The first rules, and everybody's customers."""
        self.change_rules(at_once=True)
        for number in range(CUSTOMERS):
            owner = number % REPS
            customer = self.season.desk.add_customer(owner=self.people[owner], at=clock.now())
            self.customers.append(customer)
            self.book.hold(customer, owner, company.today())
        self.season.settle()

    def change_rules(self, *, at_once: bool = False) -> None:
        """Rules as chance has them, from a day on."""
        pick = self.chance.choice
        days = {
            "no_follow_up": pick([None, 10, 20, 30]),
            "no_opportunity": pick([None, 25, 60]),
            "no_deal": pick([None, 90, 150]),
            "hard_maximum": pick([None, 120, 200]),
        }
        business, last = pick([True, False]), pick([1, 2])
        first = company.today() if at_once else company.today() + self.chance.randint(1, 20) * DAY
        self.season.rules(
            at_once=at_once,
            effective_from=first,
            clocks=Clocks(**{f"{name}_days": number for name, number in days.items()}),
            business_days=business,
            exempt_open_opportunity=True,
            warn_days=[7, last],
        )
        self.book.limits = [each for each in self.book.limits if each.first < first]
        self.book.limits.append(Limits(first, **days, business_days=business, last_warning=last))

    def work(self) -> None:
        """A day's work, about one step for 12 customers."""
        for customer in self.chance.sample(self.customers, max(1, len(self.customers) // 12)):
            if customer in self.book.held:
                self.look_after(customer)
            elif self.chance.random() < 0.4:
                owner = self.chance.randrange(REPS)
                assert self.season.desk.claim(self.people[owner], customer) == [ClaimStatus.CLAIMED]
                self.book.hold(customer, owner, company.today())
        self.season.settle()

    def look_after(self, customer: UUID) -> None:
        """A call, a note, or something about an opportunity."""
        today, step = company.today(), self.chance.random()
        if step < 0.5:
            self.season.touch(customer, heard=self.chance.random() < 0.7)
            self.book.touch(customer, today)
        elif step < 0.6:
            self.season.touch(customer, "note")
        elif step < 0.75:
            self.deals.setdefault(customer, []).append(self.season.open_deal(customer))
            self.book.open_deal(customer, today)
        elif self.deals.get(customer):
            deal, won = self.deals[customer].pop(), self.chance.random() < 0.1
            self.season.close_deal(customer, deal, won=won)
            self.book.close_deal(customer, today, won=won)

    def night(self) -> None:
        """From noon to noon; the model takes what is over in the evening, the sweep shortly after."""
        self.book.evening(company.today())
        clock.advance(self.season.midnight(1) - clock.now() + timedelta(minutes=2))
        self.season.settle()
        clock.advance(self.season.midnight(0) + timedelta(hours=12) - clock.now())


class TestYear:
    @pytest.mark.timeout(7200)
    def test_every_change_of_hands_is_one_that_the_model_makes(self, season: Season) -> None:
        firm = Company(season)
        firm.begin()
        for number in range(1, DAYS + 1):
            if number % 45 == 0:
                firm.change_rules()
            firm.work()
            firm.night()
        assert taken(firm) == sorted(firm.book.taken)
        assert holders(firm) == {customer: firm.people[life.owner].user_id for customer, life in firm.book.held.items()}
        assert {rule for _, _, rule in firm.book.taken} == {"no_follow_up", "no_opportunity", "no_deal", "hard_maximum"}


def taken(firm: Company) -> list[tuple[UUID, date, str]]:
    """What the service took, by its history: each with the last day that was safe and the rule, and why in words."""
    found = []
    for customer in firm.customers:
        for span in firm.season.desk.history(customer):
            if span.ended == "reclaimed":
                assert span.until is not None
                assert span.reasoning is not None
                assert all(span.reasoning[language] for language in ("en", "zh", "pl"))
                found.append((customer, company.day_of(span.until) - DAY, span.reason))
    return sorted(found)


def holders(firm: Company) -> dict[UUID, UUID]:
    """Who holds whom in the end, as the service says."""
    found = {customer: firm.season.desk.holding(ADMIN, customer).owner for customer in firm.customers}
    return {customer: owner.id for customer, owner in found.items() if owner is not None}
