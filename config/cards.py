"""Model cards: those that ship with the program, and the team's own tables laid over them by id."""

from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import ValidationError

from domain.errors import SettingsError
from domain.model import ModelCard
from domain.spec import ControlKind


def own_cards(tables: Any, shipped: Iterable[Mapping[str, Any]]) -> tuple[ModelCard, ...]:
    """Return the cards of the team's ``[[model]]`` tables, whole.

    A table with the id of a shipped card holds what differs; any other is a card of its own.

    Raises:
        SettingsError: All that is wrong, by model and field.
    """
    if not isinstance(tables, list) or not all(isinstance(one, dict) for one in tables):
        raise SettingsError("model: a list of tables", hint="Write each model as [[model]].")
    known = {str(one["id"]): one for one in shipped}
    ids = [str(table.get("id", "")) for table in tables]
    faults = [f"model {one!r}: named twice" for one in sorted({*ids}) if ids.count(one) > 1]
    cards: list[ModelCard] = []
    for name, table in zip(ids, tables, strict=True):
        try:
            cards.append(ModelCard.model_validate(_laid_over(known.get(name, {}), table)))
        except ValidationError as error:
            faults += [
                f"model {name!r}: {'.'.join(map(str, fault['loc']))}: {fault['msg']}"
                for fault in error.errors()
            ]
    if faults:
        hint = "docs/providers/openai-compatible.md shows whole tables."
        raise SettingsError("; ".join(faults), hint=hint)
    return tuple(cards)


def prepared(
    cards: Iterable[ModelCard], preprocessors: Mapping[ControlKind, str]
) -> tuple[ModelCard, ...]:
    """Return the cards, each knowing which model makes the maps that it takes.

    Raises:
        SettingsError: A model that makes no such maps, or that must not be asked twice.
    """
    known = {card.id: card for card in cards}
    for kind, model in preprocessors.items():
        card = known.get(model)
        if card is None or card.makes_map != kind or not card.repeatable:
            makers = [one.id for one in known.values() if one.makes_map == kind and one.repeatable]
            hint = f"Models that do: {', '.join(makers) or 'none; write one as [[model]]'}."
            raise SettingsError(f"preprocessors.{kind}: {model} makes no {kind} maps", hint=hint)
    return tuple(_preparing(card, preprocessors) for card in known.values())


def _preparing(card: ModelCard, preprocessors: Mapping[ControlKind, str]) -> ModelCard:
    controls = {
        kind: can.model_copy(update={"prepared_by": preprocessors.get(kind, "")})
        for kind, can in card.controls.items()
        if can.preprocessed
    }
    if not any(can.prepared_by for can in controls.values()):
        return card
    return card.model_copy(update={"controls": {**card.controls, **controls}})


def with_own(shipped: Iterable[ModelCard], own: Iterable[ModelCard]) -> tuple[ModelCard, ...]:
    """Return every card once: the team's in the place of one with the same id, or at the end."""
    every = {card.id: card for card in shipped}
    return tuple((every | {card.id: card for card in own}).values())


def _laid_over(base: Mapping[str, Any], table: Mapping[str, Any]) -> dict[str, Any]:
    """Return *table* over *base*; what it now sets is not left to the vendor any more."""
    merged = over(base, table)
    if "left_to_vendor" in merged and "left_to_vendor" not in table:
        said = merged.get("settings", {})
        merged["left_to_vendor"] = [one for one in merged["left_to_vendor"] if one not in said]
    return merged


def over(base: Mapping[str, Any], top: Mapping[str, Any]) -> dict[str, Any]:
    """Return *base* with *top* laid over it, table by table."""
    merged = dict(base)
    for key, value in top.items():
        below: Any = merged.get(key)
        both = isinstance(below, dict) and isinstance(value, dict)
        merged[key] = over(below, value) if both else value
    return merged
