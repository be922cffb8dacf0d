"""Who holds whom on each day of a year, found the slow way: by looking at every customer in the evening of every day.

Written from docs/decisions/0017-reclaim-rules.md alone; it shares no code with the service.
"""

from dataclasses import dataclass, field
from datetime import date, timedelta
from uuid import UUID

DAY = timedelta(days=1)


@dataclass
class Limits:
    """Rules as the model reads them, from their first day on."""

    first: date
    no_follow_up: int | None = None
    no_opportunity: int | None = None
    no_deal: int | None = None
    hard_maximum: int | None = None
    business_days: bool = False
    last_warning: int = 1


@dataclass
class Life:
    """What happened to one customer since somebody holds it."""

    owner: int
    since: date
    touched: date | None = None
    opened: date | None = None
    """The first day since then on which an opportunity was open."""
    won: bool = False
    safe_to: date | None = None
    """No deadline is before this day."""


@dataclass
class Book:
    """All customers, by what the model knows of them."""

    limits: list[Limits] = field(default_factory=list)
    held: dict[UUID, Life] = field(default_factory=dict)
    open_deals: dict[UUID, int] = field(default_factory=dict)
    ever_won: set[UUID] = field(default_factory=set)
    taken: list[tuple[UUID, date, str]] = field(default_factory=list)
    """Each customer that was taken: on which evening, and by which rule."""

    def hold(self, customer: UUID, owner: int, day: date) -> None:
        """Somebody gets it."""
        self.held[customer] = Life(owner, day, opened=day if self.open_deals.get(customer) else None)

    def touch(self, customer: UUID, day: date) -> None:
        """Somebody calls it."""
        self.held[customer].touched = day

    def open_deal(self, customer: UUID, day: date) -> None:
        """An opportunity begins."""
        self.open_deals[customer] = self.open_deals.get(customer, 0) + 1
        if self.held[customer].opened is None:
            self.held[customer].opened = day

    def close_deal(self, customer: UUID, day: date, *, won: bool) -> None:
        """It ends; when it was the last that kept the customer safe, its owner is yet to be warned."""
        self.open_deals[customer] -= 1
        if won:
            self.ever_won.add(customer)
            self.held[customer].won = True
        elif not self.open_deals[customer] and customer not in self.ever_won:
            limits = self.in_force(day)
            self.held[customer].safe_to = day + (limits.last_warning if limits else 0) * DAY

    def in_force(self, day: date) -> Limits | None:
        """The rules that count on a day."""
        counting = [each for each in self.limits if each.first <= day]
        return max(counting, key=lambda each: each.first, default=None)

    def evening(self, day: date) -> None:
        """The end of a day: take what is over."""
        limits = self.in_force(day)
        if limits is None:
            return
        for customer, life in list(self.held.items()):
            rule = self._over(limits, customer, life, day)
            if rule is not None:
                del self.held[customer]
                self.taken.append((customer, day, rule))

    def _over(self, limits: Limits, customer: UUID, life: Life, day: date) -> str | None:
        if customer in self.ever_won or self.open_deals.get(customer) or (life.safe_to or day) > day:
            return None
        last_touch = life.since if life.touched is None else max(life.since, life.touched)
        if limits.no_follow_up and days_between(last_touch, day, limits) >= limits.no_follow_up:
            return "no_follow_up"
        held_for = days_between(life.since, day, limits)
        if limits.no_opportunity and held_for >= limits.no_opportunity and life.opened is None:
            return "no_opportunity"
        if limits.no_deal and held_for >= limits.no_deal and not life.won:
            return "no_deal"
        if limits.hard_maximum and held_for >= limits.hard_maximum:
            return "hard_maximum"
        return None


def days_between(after: date, day: date, limits: Limits) -> int:
    """How many days of the count lie after one day, up to another."""
    if not limits.business_days:
        return (day - after).days
    weeks, rest = divmod((day - after).days, 7)
    return weeks * 5 + sum((after + n * DAY).weekday() < 5 for n in range(1, rest + 1))
