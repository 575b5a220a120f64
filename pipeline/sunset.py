"""Models that their vendors will end: cards say so in time."""

from datetime import date, timedelta
from typing import Final

from domain.model import ModelCard
from domain.run import Notice

WARN_BEFORE: Final = timedelta(days=60)
"""So long before a model's end its cards say so."""


def ending(card: ModelCard, today: date) -> Notice | None:
    """Warn of a model that its vendor will end soon: what is made again then looks otherwise."""
    if card.retired_on is None or card.retired_on - today > WARN_BEFORE:
        return None
    after = f"; its replacement is {card.replacement}" if card.replacement else ""
    text = f"{card.title} ends on {card.retired_on}{after}"
    return Notice(code="retires", text=text)
