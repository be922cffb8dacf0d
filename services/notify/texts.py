"""What each event says to a person. The English here is the key of the catalogues under locale/."""

from collections.abc import Callable
from typing import NamedTuple

from contracts.activity import ReminderDue
from contracts.base import Received
from contracts.customer.merges import CustomerMerged
from contracts.opportunity.opportunities import OpportunityLost, OpportunityWon
from contracts.pool.assignments import HoldingTransferred
from contracts.pool.holdings import HoldingAssigned, HoldingReleased, ReleaseReason
from contracts.pool.rules import HoldingReclaimed, HoldingReclaimWarned
from contracts.values import Actor
from servicekit.voice import Voice, texts_of

_OURSELVES = "Tideline"
_TEXTS = texts_of("notify")


class Words(NamedTuple):
    """A notice as it is read."""

    title: str
    text: str


def voice_for(language: str, time_zone: str) -> Voice:
    """How a person is spoken to."""
    return Voice(_TEXTS, language, time_zone)


def reminder_due(voice: Voice, event: Received[ReminderDue]) -> Words:
    """A planned touch comes up."""
    due = event.data
    day, time = voice.day(due.due_at), voice.time(due.due_at)
    if due.note:
        text = voice.say("Planned for %(day)s, %(time)s. %(note)s", day=day, time=time, note=due.note)
    else:
        text = voice.say("Planned for %(day)s, %(time)s.", day=day, time=time)
    return Words(voice.say("Follow up with %(customer)s", customer=due.customer_name), text)


def holding_released(voice: Voice, event: Received[HoldingReleased]) -> Words:
    """Somebody else gave the person's customer back."""
    released = event.data
    return Words(
        voice.say("%(customer)s is no longer yours", customer=released.customer_name),
        voice.say(
            "%(actor)s released this customer to the pool %(pool)s. Reason: %(reason)s.",
            actor=_name_of(event.actor),
            pool=released.pool_name,
            reason=_release_reason(voice, released.reason),
        ),
    )


def reclaim_near(voice: Voice, event: Received[HoldingReclaimWarned]) -> Words:
    """A rule will take the person's customer."""
    warned = event.data
    title = voice.say(
        "%(customer)s will be taken back after %(day)s", customer=warned.customer_name, day=voice.day(warned.deadline)
    )
    return Words(title, voice.chosen(warned.reasoning))


def reclaim_near_for(owner: str) -> Callable[[Voice, Received[HoldingReclaimWarned]], Words]:
    """A rule will take a customer from somebody whom the person answers for."""

    def words(voice: Voice, event: Received[HoldingReclaimWarned]) -> Words:
        warned = event.data
        title = voice.say(
            "%(owner)s will lose %(customer)s after %(day)s",
            owner=owner,
            customer=warned.customer_name,
            day=voice.day(warned.deadline),
        )
        return Words(title, voice.chosen(warned.reasoning))

    return words


def reclaimed(voice: Voice, event: Received[HoldingReclaimed]) -> Words:
    """A rule took the person's customer."""
    taken = event.data
    title = voice.say("%(customer)s is no longer yours", customer=taken.customer_name)
    return Words(title, voice.chosen(taken.reasoning))


def holding_received(voice: Voice, event: Received[HoldingAssigned] | Received[HoldingTransferred]) -> Words:
    """Somebody else gave the person a customer."""
    given = event.data
    return Words(
        voice.say("%(customer)s is yours now", customer=given.customer_name),
        voice.say("%(actor)s gave you this customer.", actor=_name_of(_giver(event))),
    )


def holding_given_away(voice: Voice, event: Received[HoldingAssigned] | Received[HoldingTransferred]) -> Words:
    """Somebody else gave the person's customer away."""
    given = event.data
    return Words(
        voice.say("%(customer)s is no longer yours", customer=given.customer_name),
        voice.say("%(actor)s gave this customer to somebody else.", actor=_name_of(_giver(event))),
    )


def customer_merged(voice: Voice, event: Received[CustomerMerged]) -> Words:
    """Somebody else made the person's customer part of another one."""
    merged = event.data
    return Words(
        voice.say("%(loser)s is part of %(survivor)s now", loser=merged.loser_name, survivor=merged.survivor_name),
        voice.say("%(actor)s merged these two customers.", actor=_name_of(event.actor)),
    )


def opportunity_won(voice: Voice, event: Received[OpportunityWon]) -> Words:
    """Somebody else closed the person's opportunity as won."""
    won = event.data
    return Words(
        voice.say("Won: %(name)s", name=won.name),
        voice.say(
            "%(actor)s closed it on %(day)s for %(amount)s.",
            actor=_name_of(event.actor),
            day=voice.day(won.closed_on),
            amount=voice.amount(won.amount),
        ),
    )


def opportunity_lost(voice: Voice, event: Received[OpportunityLost]) -> Words:
    """Somebody else closed the person's opportunity as lost."""
    lost = event.data
    return Words(
        voice.say("Lost: %(name)s", name=lost.name),
        voice.say(
            "%(actor)s closed it on %(day)s. Reason: %(reason)s.",
            actor=_name_of(event.actor),
            day=voice.day(lost.closed_on),
            reason=lost.reason,
        ),
    )


def _giver(event: Received[HoldingAssigned] | Received[HoldingTransferred]) -> Actor:
    """Who wanted it so: what follows a merge is done by a service, on behalf of whoever merged."""
    return event.data.assigned_by if isinstance(event.data, HoldingAssigned) else event.actor


def _name_of(actor: Actor) -> str:
    return actor.name if actor.kind == "user" else _OURSELVES


def _release_reason(voice: Voice, reason: str) -> str:
    sayings: dict[str, str] = {
        ReleaseReason.NO_BUDGET: voice.say("no budget"),
        ReleaseReason.NO_NEED: voice.say("no need"),
        ReleaseReason.NOT_REACHABLE: voice.say("not reachable"),
        ReleaseReason.WRONG_FIT: voice.say("wrong fit"),
        ReleaseReason.WORKLOAD: voice.say("workload"),
        ReleaseReason.OTHER: voice.say("other"),
    }
    return sayings.get(reason, reason)  # the pool service may give reasons that are newer than this list
