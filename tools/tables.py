"""The generated tables of README and CONTRIBUTING: from the code itself, so that they stay true."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from bot.grammar import FLAGS, SEGMENT_MEANINGS, SEGMENT_NAMES, VERBS
from config.settings import model_cards, reject_reasons, routes, shipped_targets


def segments() -> str:
    """Return the table of segments."""
    rows = [(f"`{name}`", SEGMENT_MEANINGS[name]) for name in SEGMENT_NAMES]
    return _table(("segment", "meaning"), rows)


def verbs() -> str:
    """Return the table of verbs that are built."""
    rows = [(f"`{verb.form}`", verb.meaning) for verb in VERBS if verb.built]
    return _table(("say", "to"), rows)


def flags() -> str:
    """Return the table of flags that are built."""
    rows = [
        (f"`{' '.join((flag.name, *flag.aliases))}`", flag.value, flag.allowed, flag.default,
         flag.meaning)
        for flag in FLAGS
        if flag.built
    ]  # fmt: skip
    return _table(("flag", "value", "allowed", "without it", "meaning"), rows)


def models() -> str:
    """Return the table of models."""
    rows = []
    for card in model_cards():
        usd = card.price.usd_per_image
        price = f"${usd:g}" if usd else card.unpriced
        state = card.status if card.status != "retired" else f"retired {card.retired_on}"
        takes = ", ".join(card.abilities) or "prompt only"
        rows.append((f"`{card.id}`", card.about or card.title, takes, price, state))
    return _table(("model", "what for", "takes, and does", "an image", "status"), rows)


def routing() -> str:
    """Return the table of routes."""
    rows = [
        (task, ", then ".join(f"`{model}`" for model in chosen))
        for task, chosen in routes()["tasks"].items()
    ]
    return _table(("task type", "models, the preferred one first"), rows)


def targets() -> str:
    """Return the table of where images go."""
    rows = []
    for name, one in shipped_targets().items():
        alpha = {"any": "", "required": "with transparency", "none": "opaque"}[one.alpha]
        most = f"at most {one.max_bytes / 1e6:g} MB" if one.max_bytes else ""
        needs = ", ".join(filter(None, (" or ".join(one.file_formats), alpha, most)))
        rows.append((f"`{name}`", one.title, f"{one.width_px}×{one.height_px}", needs))
    return _table(("target", "what", "at least, pixels", "and"), rows)


def reasons() -> str:
    """Why an image is rejected, in the order of the keys."""
    rows = [
        (f"`{key}`", reason.label, reason.says) for key, reason in enumerate(reject_reasons(), 1)
    ]
    return _table(("key", "reason", "what it says"), rows)


def _table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    lines = ["| " + " | ".join(head) + " |", "|" + " --- |" * len(head)]
    lines += ["| " + " | ".join(_cell(cell) for cell in row) + " |" for row in rows]
    return "\n".join(lines) + "\n"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
