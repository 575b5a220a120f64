"""What a run will make and cost, said before it is done; and what is not done unasked."""

from domain.errors import CommandError, ConfirmError, Fault
from domain.model import ModelCard, Quote
from domain.spec import PromptSpec


def quote(spec: PromptSpec, card: ModelCard) -> Quote:
    """Price a run by its model's card."""
    usd = round(card.price.usd_per_image * spec.count, 4)
    images = "1 image" if spec.count == 1 else f"{spec.count} images"
    price = f"${usd:.3f}".rstrip("0").rstrip(".") if usd else "free"
    return Quote(images=spec.count, usd=usd, text=f"{images} · {price}")


def check_quote(
    asked: Quote, spec: PromptSpec, *, confirmed: bool, confirm_above_usd: float
) -> None:
    """Refuse what may not be spent, or not unasked.

    Raises:
        CommandError: It costs more than ``--max-cost``.
        ConfirmError: It costs more than is spent without a yes.
    """
    if spec.max_cost_usd is not None and asked.usd > spec.max_cost_usd:
        fault = Fault("--max-cost", f"{spec.max_cost_usd:g}", f"this costs ${asked.usd:g}")
        raise CommandError(str(fault), faults=(fault,), hint="Fewer images, or another model.")
    if asked.usd > confirm_above_usd and not confirmed:
        raise ConfirmError(
            f"{asked.text}: more than ${confirm_above_usd:g} needs a yes",
            hint="Say it again with --yes, or press the button that asks.",
        )
