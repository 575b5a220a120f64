"""Which models are on, which are off and why; a provider is made when it is first needed."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from importlib.util import find_spec
from threading import Lock
from typing import Final

from domain.draft import Writing
from domain.errors import NotConfiguredError
from domain.model import ModelCard, Setting
from domain.ports import (
    Pixels,
    Provider,
    Writer,
)


@dataclass(frozen=True, slots=True)
class Access:
    """What a provider needs to get in: its key and where it lives; never shown in full."""

    api_key: str | None = field(default=None, repr=False)
    base_url: str = ""
    """Empty means the vendor's own address."""
    speaks: str = ""
    """The provider whose interface it speaks under a name of its own; empty: its own."""
    variable: str = ""
    """With ``speaks``: the environment variable of its key; empty if it wants none."""
    headers: str = field(default="", repr=False)
    """What is sent with every call to a server of one's own: ``Name: value; Name: value``."""
    folder: str = ""
    """Where the team's own files for it lie; empty: only what ships with the program."""
    settings: Mapping[str, Setting] = field(default_factory=dict)
    """What else the team's settings say of it."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One model, and whether it can be used here and now."""

    card: ModelCard
    on: bool
    why_off: str = ""
    """In words that say what to do: ``no key: set REPLICATE_API_TOKEN``."""


Cards = tuple[ModelCard, ...]


@dataclass(frozen=True, slots=True)
class _Door:
    """How a provider is opened, and what it cannot do without."""

    make: Callable[[Cards, Access, Pixels], Provider]
    package: str
    key: str = ""
    """The environment variable that holds the key; empty if none is needed."""
    address: str = ""
    """The environment variable that holds the address, where there is none but one's own."""
    extra: str = ""
    """The extra of ours that brings the package; empty: it is installed by its own name."""
    jobs: Callable[[Cards, Access, Pixels], Provider] | None = None
    """Opens the provider of those models that are asked after, where others are not."""
    at_once: int | None = None
    """How many images it makes at once, whatever the settings say; None: as they say."""

    @property
    def wanted(self) -> str:
        """What pip installs to bring the package."""
        return f"'ai-handler[{self.extra}]'" if self.extra else self.package.replace("_", "-")


def _sketch(_cards: Cards, _access: Access, pixels: Pixels) -> Provider:
    from providers.sketch.provider import SketchProvider

    return SketchProvider(pixels)


def _replicate(cards: Cards, access: Access, pixels: Pixels) -> Provider:
    from providers.replicate.provider import ReplicateProvider

    return ReplicateProvider(access.api_key or "", cards, pixels, base_url=access.base_url)


def _openai(cards: Cards, access: Access, pixels: Pixels) -> Provider:
    from providers.openai.faults import House
    from providers.openai.provider import OpenAIProvider

    if not access.speaks:
        return OpenAIProvider(access.api_key or "", cards, pixels, base_url=access.base_url)
    name = cards[0].provider
    house = House(name, key=access.variable, address=f"[endpoints.{name}]")
    key = access.api_key or "none"  # the SDK wants one
    return OpenAIProvider(key, cards, pixels, base_url=access.base_url, house=house)


def _bfl(cards: Cards, access: Access, _pixels: Pixels) -> Provider:
    from providers.bfl.provider import BFLProvider

    return BFLProvider(access.api_key or "", cards, base_url=access.base_url)


def _stability(cards: Cards, access: Access, _pixels: Pixels) -> Provider:
    from providers.stability.provider import StabilityProvider

    return StabilityProvider(access.api_key or "", cards, base_url=access.base_url)


def _stability_jobs(cards: Cards, access: Access, _pixels: Pixels) -> Provider:
    from providers.stability.jobs import StabilityJobs

    return StabilityJobs(access.api_key or "", cards, base_url=access.base_url)


def _by_hand(cards: Cards, _access: Access, _pixels: Pixels) -> Provider:
    model = cards[0].id
    raise NotConfiguredError(f"{model} is made by a person, and called by nobody", model=model)


def _comfyui(cards: Cards, access: Access, _pixels: Pixels) -> Provider:
    from providers.comfyui.provider import ComfyUIProvider

    return ComfyUIProvider(access.base_url, cards, headers=access.headers, folder=access.folder)


def _diffusers(_cards: Cards, access: Access, _pixels: Pixels) -> Provider:
    from providers.diffusers.process import Setup
    from providers.diffusers.provider import IDLE_S, DiffusersProvider

    said = access.settings
    setup = Setup(
        folder=str(said.get("folder", "")),
        downloads=bool(said.get("downloads", False)),
        device=str(said.get("device", "auto")),
    )
    return DiffusersProvider(setup, idle_s=float(said.get("idle_s", IDLE_S)))


DOORS: Final[Mapping[str, _Door]] = {
    "sketch": _Door(_sketch, package="resvg_py"),
    "replicate": _Door(_replicate, package="replicate", key="REPLICATE_API_TOKEN"),
    "openai": _Door(_openai, package="openai", key="OPENAI_API_KEY"),
    "midjourney": _Door(_by_hand, package="PIL"),
    "stability": _Door(_stability, package="httpx", key="STABILITY_API_KEY", jobs=_stability_jobs),
    "bfl": _Door(_bfl, package="httpx", key="BFL_API_KEY"),
    "comfyui": _Door(_comfyui, package="aiohttp", address="COMFYUI_URL"),
    "diffusers": _Door(_diffusers, package="diffusers", extra="diffusers", at_once=1),
}


def _why_off(card: ModelCard, access: Access, today: date) -> str:
    door = DOORS.get(access.speaks or card.provider)
    if card.is_retired(today):
        return _why_retired(card)
    if door is None:
        return f"no adapter for {card.provider!r}: name its server in [endpoints.{card.provider}]"
    if find_spec(door.package) is None:
        return f"package not installed: pip install {door.wanted}"
    if door.address and not access.base_url:
        return f"no server: set {door.address}"
    variable = access.variable if access.speaks else door.key
    return _why_no_key(variable, access.api_key or "") if variable else ""


def _why_retired(card: ModelCard) -> str:
    when = f"retired on {card.retired_on}" if card.retired_on else "retired"
    return f"{when}, use {card.replacement}" if card.replacement else when


def _why_no_key(variable: str, key: str) -> str:
    if not key.strip():
        return f"no key: set {variable}"
    if not (key.isascii() and key.isprintable()) or " " in key:
        return f"{variable} is no key: it holds blanks or characters that no header carries"
    return ""


class Catalogue:
    """All models, each on or off, and the providers of those that are on."""

    def __init__(
        self, entries: Sequence[Entry], access: Mapping[str, Access], pixels: Pixels
    ) -> None:
        self.entries = tuple(entries)
        self._access = access
        self._pixels = pixels
        self._providers: dict[str, Provider] = {}
        self._opening = Lock()

    def on_cards(self) -> Cards:
        """Return the cards of the models that can be used."""
        return tuple(entry.card for entry in self.entries if entry.on)

    def provider(self, card: ModelCard) -> Provider:
        """Return the provider of *card*.

        The first call imports its package, which takes up to a second: see ``open_all``.

        Raises:
            NotConfiguredError: The model is off, or not in the catalogue.
        """
        entry = next((entry for entry in self.entries if entry.card.id == card.id), None)
        if entry is None or not entry.on:
            why = entry.why_off if entry else "not in the catalogue"
            raise NotConfiguredError(f"{card.id} is off: {why}", model=card.id, hint=why)
        with self._opening:
            jobs = self._door(card.provider).jobs is not None and card.answers == "polled"
            kept_as = f"{card.provider} jobs" if jobs else card.provider
            if kept_as not in self._providers:
                self._providers[kept_as] = self._opened(card.provider, jobs=jobs)
            return self._providers[kept_as]

    def at_once(self, card: ModelCard, usual: int) -> int:
        """Return how many images of *card*'s provider are made at once: *usual*, or fewer."""
        door = DOORS.get(self._access.get(card.provider, Access()).speaks or card.provider)
        return usual if door is None or door.at_once is None else min(usual, door.at_once)

    def open_all(self) -> None:
        """Open every provider that is on: imports their packages, so never on the event loop."""
        for card in self.on_cards():
            if card.answers != "handed":
                self.provider(card)

    def opened(self) -> tuple[Provider, ...]:
        """Return the providers that have been opened."""
        return tuple(self._providers.values())

    def _door(self, name: str) -> _Door:
        return DOORS[self._access.get(name, Access()).speaks or name]

    def _opened(self, name: str, *, jobs: bool) -> Provider:
        cards = tuple(card for card in self.on_cards() if card.provider == name)
        door = self._door(name)
        make = door.jobs if jobs and door.jobs else door.make
        return make(cards, self._access.get(name, Access()), self._pixels)

    async def close(self) -> None:
        """Close every provider that was opened."""
        while self._providers:
            _, provider = self._providers.popitem()
            await provider.close()


def open_writer(writing: Writing, access: Access) -> Writer | None:
    """Return who writes prompts by a language model; None where there is none, and rules do it."""
    if writing.by_rules or _why_no_key("OPENAI_API_KEY", access.api_key or ""):
        return None
    from providers.openai.writer import OpenAIWriter

    return OpenAIWriter(access.api_key or "", writing, base_url=access.base_url)


def open_catalogue(
    cards: Sequence[ModelCard],
    access: Mapping[str, Access],
    pixels: Pixels,
    *,
    today: date | None = None,
) -> Catalogue:
    """Say of each model whether it is on; nothing is imported, nothing is asked of a vendor.

    Args:
        cards: Every model that is known, those that are gone among them.
        access: Keys and addresses by provider name.
        pixels: Where pixels are worked on.
        today: By which models have ended; None: only those that their card calls retired.
    """
    today = today or date.min
    entries = []
    for card in cards:
        why = _why_off(card, access.get(card.provider, Access()), today)
        entries.append(Entry(card, on=not why, why_off=why))
    return Catalogue(entries, access, pixels)
