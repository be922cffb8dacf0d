"""What a gateway remembers of API keys, and for how long."""

import time
from itertools import count

import pytest

from contracts.errors import NotPermitted, Unavailable
from contracts.identity.api_keys import LONGEST_KEY, ExchangeApiKey
from contracts.identity.sessions import AccessToken
from gateway import exchange
from gateway.exchange import Exchange, is_api_key
from servicekit.testing import refused

KEY = "tl_0123_secret"


class Identity:
    """Stands where the identity service does: counts what it is asked, and answers in turn or refuses."""

    def __init__(self, *, lives: int = 300) -> None:
        self.asked: list[str] = []
        self.refusal: NotPermitted | Unavailable | None = None
        self._lives = lives
        self._numbers = count(1)

    def __call__(self, request: ExchangeApiKey) -> AccessToken:
        self.asked.append(request.key)
        if self.refusal is not None:
            raise self.refusal
        return AccessToken(access_token=f"token {next(self._numbers)}", expires_in=self._lives)


class Clock:
    """A machine's clock that stands still until told."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(time, "monotonic", clock)
    return clock


def wrong() -> NotPermitted:
    return NotPermitted("auth.invalid_api_key", "No.")


def try_out(exchange: Exchange, key: str) -> None:
    with refused(NotPermitted, "auth.invalid_api_key"):
        exchange.token_for(key)


class TestIsApiKey:
    @pytest.mark.parametrize(("borne", "is_key"), [(KEY, True), ("eyJhbGciOi.x.y", False), ("", False)])
    def test_tells_keys_from_tokens(self, borne: str, is_key: bool) -> None:
        assert is_api_key(borne) is is_key


class TestTokenFor:
    def test_a_key_is_exchanged_once(self) -> None:
        identity = Identity()
        known = Exchange(identity)
        assert {known.token_for(KEY) for _ in range(3)} == {"token 1"}
        assert identity.asked == [KEY]

    def test_each_key_has_its_own_token(self) -> None:
        known = Exchange(Identity())
        assert known.token_for(KEY) != known.token_for(KEY + "2")

    def test_it_is_exchanged_anew_a_minute_before_its_token_ends(self, clock: Clock) -> None:
        known = Exchange(Identity())
        known.token_for(KEY)
        clock.now += 239
        assert known.token_for(KEY) == "token 1"
        clock.now += 1
        assert known.token_for(KEY) == "token 2"

    def test_a_token_that_ends_within_a_minute_is_not_kept(self) -> None:
        known = Exchange(Identity(lives=30))
        assert [known.token_for(KEY), known.token_for(KEY)] == ["token 1", "token 2"]

    def test_a_wrong_key_is_asked_about_every_few_seconds(self, clock: Clock) -> None:
        identity = Identity()
        identity.refusal = wrong()
        known = Exchange(identity)
        for _ in range(3):
            try_out(known, KEY)
        assert len(identity.asked) == 1
        clock.now += 5
        identity.refusal = None
        assert known.token_for(KEY) == "token 1"

    def test_that_nobody_answers_is_not_remembered(self) -> None:
        identity = Identity()
        identity.refusal = Unavailable("call.timed_out", "No answer.")
        known = Exchange(identity)
        with refused(Unavailable, "call.timed_out"):
            known.token_for(KEY)
        identity.refusal = None
        assert known.token_for(KEY) == "token 1"

    def test_what_is_too_long_is_refused_unasked(self) -> None:
        identity = Identity()
        try_out(Exchange(identity), "tl_" + "x" * LONGEST_KEY)
        assert identity.asked == []


class TestBounds:
    def test_only_so_many_keys_are_remembered_and_the_oldest_makes_room(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(exchange, "_KEYS_AT_MOST", 2)
        identity = Identity()
        known = Exchange(identity)
        for key in ("tl_1", "tl_2", "tl_3", "tl_2", "tl_3", "tl_1"):
            known.token_for(key)
        assert identity.asked == ["tl_1", "tl_2", "tl_3", "tl_1"]

    def test_no_flood_of_wrong_keys_makes_it_forget_a_right_one(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(exchange, "_WRONG_KEYS_AT_MOST", 2)
        identity = Identity()
        known = Exchange(identity)
        known.token_for(KEY)
        identity.refusal = wrong()
        for number in range(10):
            try_out(known, f"tl_{number}")
        assert known.token_for(KEY) == "token 1"
