"""Forms as modals, and what stands in them when they are sent."""

import json
from collections.abc import Mapping
from typing import Any, Final

from bot.chat.heard import Spot
from bot.slack.blocks import Block, words
from bot.slack.ids import FORM_CALLBACK, WHERE
from domain.card import Entry, Form

MAX_TYPED_CHARS: Final = 3000


def modal(form: Form, spot: Spot, *, ask_where: bool) -> Block:
    """Return a form as a modal.

    Args:
        form: What it asks.
        spot: Where it was opened; what it makes goes there.
        ask_where: It was opened nowhere in particular: let the person choose a channel.
    """
    kept = {"form": form.id, "about": form.about, "channel": spot.channel, "thread": spot.thread}
    blocks = [_entry(entry) for entry in form.entries]
    return {
        "type": "modal",
        "callback_id": FORM_CALLBACK,
        "title": words(form.title),
        "submit": words(form.submit),
        "close": words("Cancel"),
        "private_metadata": json.dumps(kept),
        "blocks": [*blocks, _where()] if ask_where else blocks,
    }


def _entry(entry: Entry) -> Block:
    block: Block = {
        "type": "input",
        "block_id": entry.id,
        "label": words(entry.label),
        "optional": not entry.required,
        "element": _choices(entry) if entry.choices else _typed(entry),
    }
    return block | ({"hint": words(entry.hint)} if entry.hint else {})


def _typed(entry: Entry) -> Block:
    element: Block = {"type": "plain_text_input", "action_id": entry.id, "multiline": entry.lines}
    element["max_length"] = MAX_TYPED_CHARS
    return element | ({"initial_value": entry.value} if entry.value else {})


def _choices(entry: Entry) -> Block:
    options = [{"text": words(one.label), "value": one.value} for one in entry.choices]
    if entry.several:
        return {"type": "multi_static_select", "action_id": entry.id, "options": options}
    first = next((one for one in options if one["value"] == entry.value), None)
    element: Block = {"type": "static_select", "action_id": entry.id, "options": options}
    return element | ({"initial_option": first} if first else {})


def _where() -> Block:
    element = {"type": "conversations_select", "action_id": WHERE}
    element |= {"default_to_current_conversation": True}  # type: ignore[dict-item]  # JSON
    return {
        "type": "input",
        "block_id": WHERE,
        "label": words("Where"),
        "hint": words("The bot must be there: /invite it first."),
        "element": element,
    }


def metadata(view: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a form of ours kept; empty for one that is none of ours."""
    if view.get("callback_id") != FORM_CALLBACK:
        return {}
    try:
        kept = json.loads(view.get("private_metadata") or "")
    except ValueError:
        return {}
    return kept if isinstance(kept, dict) else {}


def values(view: Mapping[str, Any]) -> dict[str, str]:
    """Return what stands in a form's fields, by their ids; empty where nothing stands."""
    state = (view.get("state") or {}).get("values") or {}
    return {name: _value(next(iter(fields.values()), {})) for name, fields in state.items()}


def _value(field: Mapping[str, Any]) -> str:
    if several := field.get("selected_options"):
        return ", ".join(str(one.get("value", "")) for one in several)
    chosen = field.get("selected_option") or {}
    return str(
        field.get("value") or chosen.get("value") or field.get("selected_conversation") or ""
    )
