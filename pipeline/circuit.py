"""Leaves a vendor alone for a while that has failed again and again, and says so."""

from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

from domain.errors import ProviderError, UnavailableError
from domain.model import ModelCard
from domain.ports import Clock

T = TypeVar("T")
FAILURES: Final = 10
"""So many calls in a row must fail before a vendor is left alone."""
REST_S: Final = 30.0
"""For so long; then one call tries whether it is back."""


class Circuit:
    """Counts failures by vendor: closed while calls work, open after too many, then tried again."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._failed: dict[str, int] = {}
        self._open_until_s: dict[str, float] = {}

    async def through(self, card: ModelCard, call: Callable[[], Awaitable[T]]) -> T:
        """Make a call, unless its vendor is left alone, and note how it ended.

        Raises:
            ProviderError: What the call ends with.
        """
        self.check(card)
        try:
            made = await call()
        except UnavailableError:
            self.failed(card)
            raise
        except ProviderError:
            self.worked(card)
            raise
        self.worked(card)
        return made

    def check(self, card: ModelCard) -> None:
        """Let a call through, unless its vendor is left alone.

        Raises:
            UnavailableError: It is; nothing was sent.
        """
        until_s = self._open_until_s.get(card.provider)
        if until_s is None:
            return
        left_s = until_s - self._clock.monotonic_s()
        if left_s > 0:
            raise UnavailableError(
                f"{card.provider} has failed {FAILURES} times in a row; it is left alone",
                maybe_billed=False,
                model=card.id,
                hint=f"{card.provider} is asked again in {left_s:.0f} s: retry then, "
                "or take another --model.",
            )
        # One call finds out; the others wait for what it finds.
        self._open_until_s[card.provider] = self._clock.monotonic_s() + REST_S

    def failed(self, card: ModelCard) -> None:
        """Note a call that failed because its vendor is down."""
        count = self._failed[card.provider] = self._failed.get(card.provider, 0) + 1
        if count >= FAILURES:
            self._open_until_s[card.provider] = self._clock.monotonic_s() + REST_S

    def worked(self, card: ModelCard) -> None:
        """Note a call that was answered: a refusal is an answer, too."""
        self._failed.pop(card.provider, None)
        self._open_until_s.pop(card.provider, None)
