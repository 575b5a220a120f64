"""What is on and what is off, and why: for ``models`` and ``doctor``."""

import os
import sys
from dataclasses import dataclass
from typing import Any

from config.records import Settings
from domain.errors import HandlerError
from domain.model import ModelCard


@dataclass(frozen=True, slots=True)
class ModelEntry:
    """One model, as it is listed."""

    card: ModelCard
    on: bool
    why_off: str

    def status(self) -> str:
        """Say whether it is on, or why not."""
        return "on" if self.on else f"off: {self.why_off}"

    def takes(self) -> str:
        """Name the parameters and inputs that it takes, and what else it does."""
        return ", ".join(self.card.abilities) or "prompt only"

    def price(self) -> str:
        """Say what one image costs, and as of when."""
        usd = self.card.price.usd_per_image
        return f"${usd:g} ({self.card.price.as_of})" if usd else self.card.unpriced

    def record(self) -> dict[str, Any]:
        """Return it as ``--json`` shows it."""
        return {"on": self.on, "why_off": self.why_off, "card": self.card.model_dump(mode="json")}


def model_entries(settings: Settings) -> list[ModelEntry]:
    """Return every model that we know of."""
    from bot.access import access_of
    from bot.world import PixelPool, SystemClock
    from config.settings import model_cards
    from providers.catalogue import open_catalogue

    # The pool starts no process before something is drawn, and nothing is.
    today = SystemClock().now().date()
    catalogue = open_catalogue(
        model_cards(settings.own_models), access_of(settings), PixelPool(1), today=today
    )
    found = catalogue.entries
    return [ModelEntry(entry.card, entry.on, entry.why_off) for entry in found]


def diagnosis(settings: Settings) -> list[dict[str, Any]]:
    """Check what a run needs: Python, data folder, database, models; each with what to do."""
    checks = [
        _check("python", ok=True, said=sys.version.split()[0]),
        _data_folder(settings),
        _database(settings),
        _service(settings),
    ]
    checks += [_slack(settings), _discord(settings), _weights(settings)]
    checks += [_extra("lettering"), _extra("safety")]
    entries = model_entries(settings)
    return checks + [_check(one.card.id, ok=one.on, said=one.status()) for one in entries]


def _data_folder(settings: Settings) -> dict[str, Any]:
    folder = settings.data_dir
    there = next(path for path in (folder, *folder.parents) if path.exists())
    if there.is_dir() and os.access(there, os.W_OK | os.X_OK):
        return _check("data folder", ok=True, said=str(folder))
    said = f"{folder} cannot be written: set AI_HANDLER_DATA_DIR to a folder that can"
    return _check("data folder", ok=False, said=said)


def _database(settings: Settings) -> dict[str, Any]:
    from storage.migrate import current, head

    try:
        found = current(settings.data_dir / "handler.db")
    except HandlerError as error:
        return _check("database", ok=False, said=f"{error.message}. {error.hint}")
    if found is None:
        return _check("database", ok=True, said="not made yet")
    if found == head():
        return _check("database", ok=True, said=f"schema {found}")
    said = f"schema {found}, this program has {head()}: run `ai-handler migrate`"
    return _check("database", ok=False, said=said)


def _service(settings: Settings) -> dict[str, Any]:
    from storage.lock import DataLock

    holder = DataLock(settings.data_dir).holder()
    said = f"process {holder.pid} {holder.url}" if holder else "not running"
    return _check("service", ok=True, said=said)


def _slack(settings: Settings) -> dict[str, Any]:
    slack = settings.slack
    off = "off: SLACK_BOT_TOKEN is not set (docs/slack.md)"
    return _check("slack", ok=slack.on, said=f"on: {slack.mode} mode" if slack.on else off)


def _weights(settings: Settings) -> dict[str, Any]:
    """Say whether what measures fit is whole, what it is valid for, and which heads it has."""
    from bot.fitting import folder_of
    from scoring.aesthetic import heads_of
    from scoring.clip.weights import WeightsError, opened

    name = settings.scoring.weights
    try:
        found = opened(folder_of(settings, name))
    except WeightsError as error:
        return _check("weights", ok=False, said=f"{name}: {error.message}. {error.hint}".strip())
    heads = ", ".join(head.origin.name for head in heads_of(found)[0])
    valid = ", ".join("any picture" if one == "*" else one for one in found.manifest.valid_for)
    aesthetic = heads or "no aesthetic head (ai-handler weights import)"
    return _check("weights", ok=True, said=f"{name}: whole; valid for {valid}; {aesthetic}")


def _extra(name: str) -> dict[str, Any]:
    """Say whether an extra is there; none of them is needed."""
    from scoring import lettering, safety

    scorer = {"lettering": lettering, "safety": safety}[name]
    return _check(name, ok=True, said="installed" if scorer.installed() else scorer.MISSING)


def _discord(settings: Settings) -> dict[str, Any]:
    off = "off: DISCORD_TOKEN is not set (docs/discord.md)"
    return _check("discord", ok=settings.discord.on, said="on" if settings.discord.on else off)


def _check(name: str, *, ok: bool, said: str) -> dict[str, Any]:
    return {"name": name, "ok": ok, "said": said}
