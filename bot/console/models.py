"""The page of models: what is on, what is off and why, what each can do and costs, and routes."""

from typing import Any

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from bot.console.desk import Desk
from bot.console.drawing import Drawing
from bot.console.pages import NO_STORE
from config import settings as configuration
from domain.model import ModelCard, Range, Sizes
from pipeline.route import SKETCH, Routes, serves


def model_routes(desk: Desk, drawing: Drawing) -> APIRouter:
    """Return the route of the page."""
    router = APIRouter(include_in_schema=False)
    routes = Routes.model_validate(configuration.routes(desk.app.settings.routes))

    @router.get("/models", response_class=HTMLResponse)
    async def models() -> HTMLResponse:
        """Show every model, those that are on first, and which serves which task type."""
        entries = sorted(desk.app.catalogue.entries, key=lambda entry: not entry.on)
        shown = {
            "models": [_model(entry) for entry in entries],
            "routes": _routes(routes, entries),
            "section": "models",
            "waiting": await desk.waiting(),
        }
        return HTMLResponse(drawing.page("models.html", **shown), headers=NO_STORE)

    return router


def _model(entry: Any) -> dict[str, Any]:
    card: ModelCard = entry.card
    return {"card": card, "on": entry.on, "why_off": entry.why_off, "can": dict(_can(card))}


def _can(card: ModelCard) -> list[tuple[str, str]]:
    """Say what a model takes, in words; every row stands for every model."""
    return [
        ("seed", "yes" if card.seed else "no"),
        ("negative prompt", "yes" if card.negative_prompt else "told in the prompt"),
        ("steps", _range(card.steps)),
        ("cfg scale", _range(card.cfg_scale)),
        ("starts from a picture", _start(card)),
        ("mask", "yes" if card.mask else "no"),
        ("control images", ", ".join(card.controls) or "no"),
        ("references", _references(card)),
        ("LoRA", f"up to {card.loras.maximum}" if card.loras else "no"),
        ("does", ", ".join(card.operations)),
        ("formats", ", ".join(card.file_formats) or "the model's"),
        ("sizes", _sizes(card.sizes)),
        ("can be stopped", "yes" if card.cancels else "no"),
        ("time limit", f"{card.timeout_s:g} s"),
    ]


def _references(card: ModelCard) -> str:
    if card.references is None:
        return "no"
    by = f", for {' and '.join(card.references.dimensions)}" if card.references.dimensions else ""
    return f"up to {card.references.maximum}{by}"


def _range(taken: Range | None) -> str:
    if taken is None:
        return "no"
    standard = "" if taken.default is None else f", {taken.default:g} unless asked"
    return f"{taken.minimum:g} to {taken.maximum:g}{standard}"


def _start(card: ModelCard) -> str:
    if card.denoising_strength is not None:
        return f"denoising strength {_range(card.denoising_strength)}"
    return "as an edit" if card.edit_input else "no"


def _sizes(sizes: Sizes) -> str:
    if sizes.kind == "given":
        return "that of what goes in"
    if sizes.kind == "ratios":
        return ", ".join(sizes.ratios)
    return f"{sizes.minimum_px} to {sizes.maximum_px} px a side, in steps of {sizes.multiple_px}"


def _routes(routes: Routes, entries: list[Any]) -> list[dict[str, Any]]:
    """Say for each task type which models are tried, and which would be taken now."""
    on = {entry.card.id for entry in entries if entry.on}
    titles = {entry.card.id: entry.card.title for entry in entries}
    return [
        {
            "task": task,
            "standard": task == routes.default,
            "models": [(titles.get(name, name), name in on) for name in wanted],
            "now": titles[_now(wanted, on, entries)],
        }
        for task, wanted in routes.tasks.items()
    ]


def _draws(card: ModelCard) -> bool:
    """Whether words alone are enough for it."""
    return serves(card) and "make" in card.operations and not card.needs


def _now(wanted: Any, on: set[str], entries: list[Any]) -> str:
    """As routing does: the first listed that is on, else any that is on, the sketch last."""
    others = [entry.card.id for entry in entries if entry.on and _draws(entry.card)]
    return next((name for name in (*wanted, *others) if name in on), SKETCH)
