"""What a run will make and cost, said before it is done; and what is not done unasked."""

from collections.abc import Sequence
from typing import Final

from domain.errors import CommandError, ConfirmError, Fault
from domain.model import ModelCard, Quote
from domain.spec import MAX_COUNT, PromptSpec

_YES: Final = "Say it again with --yes, or press the button that asks."


def quote(spec: PromptSpec, card: ModelCard) -> Quote:
    """Price a run by its model's card."""
    usd = round(card.price.usd_per_image * spec.count, 4)
    return Quote(images=spec.count, usd=usd, text=_text(spec.count, usd, card.unpriced))


def _text(count: int, usd: float, unpriced: str = "free") -> str:
    images = "1 image" if count == 1 else f"{count} images"
    price = f"${usd:.3f}".rstrip("0").rstrip(".") if usd else unpriced
    return f"{images} · {price}"


def added(quotes: Sequence[Quote]) -> Quote:
    """Return what several runs make and cost together."""
    usd = round(sum(one.usd for one in quotes), 4)
    images = sum(one.images for one in quotes)
    return Quote(images=images, usd=usd, text=_text(images, usd))


def check_quote(
    quotes: Sequence[Quote], spec: PromptSpec, *, confirmed: bool, confirm_above_usd: float
) -> None:
    """Refuse what may not be spent, or not unasked; what one line asks for counts together.

    Raises:
        CommandError: It costs more than ``--max-cost``.
        ConfirmError: It costs more than is spent without a yes, or makes more than 8 images.
    """
    asked = added(quotes)
    if spec.max_cost_usd is not None and asked.usd > spec.max_cost_usd:
        fault = Fault("--max-cost", f"{spec.max_cost_usd:g}", f"this costs ${asked.usd:g}")
        raise CommandError(str(fault), faults=(fault,), hint="Fewer images, or another model.")
    if confirmed:
        return
    if asked.usd > confirm_above_usd:
        raise ConfirmError(f"{asked.text}: more than ${confirm_above_usd:g} needs a yes", hint=_YES)
    if asked.images > MAX_COUNT:
        raise ConfirmError(f"{asked.text}: more than {MAX_COUNT} at once needs a yes", hint=_YES)
