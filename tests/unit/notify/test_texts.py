"""What each event says, in each language and time zone."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from contracts.activity import ReminderDue
from contracts.base import Received
from contracts.opportunity.opportunities import OpportunityLost, OpportunityWon
from contracts.pool.holdings import HoldingReleased, ReleaseReason
from contracts.values import Actor, Money
from servicekit.testing import received
from servicekit.voice import Voice
from services.notify import texts
from services.notify.texts import Words

SOMEBODY = UUID(int=1)
EVE = Actor(kind="user", id=str(UUID(int=2)), name="Eve Nowak")
WARSAW, SHANGHAI, NEW_YORK = (
    texts.voice_for("pl", "Europe/Warsaw"),
    texts.voice_for("zh", "Asia/Shanghai"),
    texts.voice_for("en", "America/New_York"),
)


def plain(words: Words) -> Words:
    """The words with the narrow and unbreakable blanks of some languages made ordinary ones."""
    return Words(*(part.replace("\u202f", " ").replace("\xa0", " ") for part in words))


class TestReminderDue:
    @staticmethod
    def due(**facts: Any) -> Received[ReminderDue]:
        given = {"customer_name": "Acme", "due_at": datetime(2026, 11, 22, 23, 30, tzinfo=UTC), "note": "", **facts}
        due = ReminderDue(reminder_id=SOMEBODY, follow_up_id=SOMEBODY, customer_id=SOMEBODY, owner_id=SOMEBODY, **given)
        return received(due, actor=Actor(kind="system", id="activity", name="activity"))

    @pytest.mark.parametrize(
        ("voice", "words"),
        [
            (NEW_YORK, Words("Follow up with Acme", "Planned for November 22, 2026, 6:30 PM.")),
            (WARSAW, Words("Kontakt z klientem: Acme", "Zaplanowano na 23 listopada 2026, 00:30.")),
            (SHANGHAI, Words("跟进客户：Acme", "计划时间：2026年11月23日 07:30。")),
        ],
    )
    def test_day_and_time_are_those_of_the_persons_own_time_zone(self, voice: Voice, words: Words) -> None:
        assert plain(texts.reminder_due(voice, self.due())) == words

    def test_the_note_is_told_too(self) -> None:
        words = plain(texts.reminder_due(NEW_YORK, self.due(note="Ask about the 5% discount")))
        assert words.text == "Planned for November 22, 2026, 6:30 PM. Ask about the 5% discount"

    def test_what_people_typed_is_never_read_as_a_template(self) -> None:
        words = texts.reminder_due(WARSAW, self.due(customer_name="100% %(secret)s {0}", note="%d"))
        assert words.title == "Kontakt z klientem: 100% %(secret)s {0}"
        assert words.text.endswith(" %d")

    def test_a_time_zone_unknown_on_this_machine_is_told_in_utc(self) -> None:
        words = plain(texts.reminder_due(texts.voice_for("en", "Mars/Olympus"), self.due()))
        assert words.text == "Planned for November 22, 2026, 11:30 PM."


class TestHoldingReleased:
    @staticmethod
    def released(reason: str, actor: Actor = EVE) -> Received[HoldingReleased]:
        data = HoldingReleased(
            customer_id=SOMEBODY,
            customer_name="Acme",
            former_owner_id=SOMEBODY,
            pool_id=SOMEBODY,
            pool_name="North",
            reason=reason,
        )
        return received(data, actor=actor)

    @pytest.mark.parametrize(
        ("voice", "words"),
        [
            (
                NEW_YORK,
                Words(
                    "Acme is no longer yours",
                    "Eve Nowak released this customer to the pool North. Reason: no budget.",
                ),
            ),
            (
                WARSAW,
                Words(
                    "Acme nie jest już Twoim klientem",
                    "Klient wrócił do puli North. Zwolnienie: Eve Nowak. Powód: brak budżetu.",
                ),
            ),
            (
                SHANGHAI,
                Words("Acme 已不再由您负责", "Eve Nowak 已将该客户放回公海“North”。原因：没有预算。"),
            ),
        ],
    )
    def test_it_says_who_did_it_where_to_and_why(self, voice: Voice, words: Words) -> None:
        assert texts.holding_released(voice, self.released("no_budget")) == words

    @pytest.mark.parametrize("reason", ReleaseReason)
    def test_every_reason_has_words(self, reason: ReleaseReason) -> None:
        assert "_" not in texts.holding_released(NEW_YORK, self.released(reason)).text
        assert reason not in texts.holding_released(WARSAW, self.released(reason)).text

    def test_a_reason_newer_than_the_list_is_told_as_it_came(self) -> None:
        assert texts.holding_released(WARSAW, self.released("acquired")).text.endswith("Powód: acquired.")

    def test_what_a_service_did_by_itself_is_signed_with_the_products_name(self) -> None:
        pool = Actor(kind="system", id="pool", name="pool")
        assert texts.holding_released(NEW_YORK, self.released("other", pool)).text.startswith("Tideline released")


class TestOpportunityWon:
    @pytest.mark.parametrize(
        ("voice", "words"),
        [
            (NEW_YORK, Words("Won: Big deal", "Eve Nowak closed it on November 20, 2026 for $10,540.50.")),
            (
                WARSAW,
                Words("Wygrana: Big deal", "Zamknięto 20 listopada 2026 na kwotę 10 540,50 USD. Osoba: Eve Nowak."),
            ),
            (SHANGHAI, Words("赢单：Big deal", "Eve Nowak 于 2026年11月20日 结单，金额 US$10,540.50。")),
        ],
    )
    def test_it_says_who_closed_it_when_and_for_how_much(self, voice: Voice, words: Words) -> None:
        won = OpportunityWon(
            opportunity_id=SOMEBODY,
            customer_id=SOMEBODY,
            owner_id=SOMEBODY,
            name="Big deal",
            amount=Money(amount=Decimal("10540.50"), currency="USD"),
            closed_on=date(2026, 11, 20),
        )
        assert plain(texts.opportunity_won(voice, received(won, actor=EVE))) == words


class TestOpportunityLost:
    @pytest.mark.parametrize(
        ("voice", "words"),
        [
            (NEW_YORK, Words("Lost: Big deal", "Eve Nowak closed it on November 20, 2026. Reason: too dear.")),
            (
                WARSAW,
                Words("Przegrana: Big deal", "Zamknięto 20 listopada 2026. Osoba: Eve Nowak. Powód: too dear."),
            ),
            (SHANGHAI, Words("输单：Big deal", "Eve Nowak 于 2026年11月20日 结单。原因：too dear。")),
        ],
    )
    def test_it_says_who_closed_it_when_and_why(self, voice: Voice, words: Words) -> None:
        lost = OpportunityLost(
            opportunity_id=SOMEBODY,
            customer_id=None,
            owner_id=SOMEBODY,
            name="Big deal",
            reason="too dear",
            competitor=None,
            closed_on=date(2026, 11, 20),
        )
        assert texts.opportunity_lost(voice, received(lost, actor=EVE)) == words
