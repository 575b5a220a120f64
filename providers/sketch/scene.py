"""A scene before it is painted: palette, light, ground, and where each thing stands."""

from dataclasses import dataclass, field
from typing import Any

from providers.sketch import colour as tint
from providers.sketch import vocabulary
from providers.sketch.brief import Brief
from providers.sketch.chance import Chance
from providers.sketch.glyphs import Glyph

SNOW_GROUND = ("#eef1f4", "#dde5ee", "#bccbdc")
TABLE = ("#d0b694", "#bd9d78", "#957757")


@dataclass(frozen=True, slots=True)
class Palette:
    """The few colours that a picture is made of."""

    sky: tuple[str, str, str]
    ground: tuple[str, str, str]
    hills: tuple[str, str]
    haze: str
    sun: str
    ink: str
    ambient: tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class Placed:
    """A thing in its place, in pixels of the picture."""

    glyph: Glyph
    x: float
    """Of its middle."""
    foot: float
    """Of its lowest point."""
    height: float
    flip: bool = False
    depth: float = 0.0
    """0 is near; 1 stands in the haze."""
    colour: str | None = None
    turn: float = 0.0
    """Degrees."""
    grounded: bool = True
    """It throws a shadow where it stands."""
    wet: bool = False
    """Its foot is under water."""
    wall: bool = False
    """It hangs on the wall behind all else."""
    lead: bool = False
    """The subject, which keeps more of its own colour in any light."""
    key: str = ""

    @property
    def scale(self) -> float:
        """Pixels for each unit of the drawing."""
        return self.height / max(1.0, self.glyph.height)

    @property
    def width(self) -> float:
        """Width in pixels."""
        return self.glyph.width * self.scale


@dataclass(slots=True)
class Scene:
    """All that a style needs to paint."""

    width: int
    height: int
    kind: str
    """``land``, ``still``, ``board``, ``sheet``, ``lay`` or ``form``."""
    palette: Palette
    horizon: float
    """In pixels from the top."""
    light: tuple[float, float]
    """Where the light comes from, in pixels."""
    chance: Chance
    place: dict[str, Any]
    brief: Brief
    night: bool
    placed: list[Placed] = field(default_factory=list)

    @property
    def unit(self) -> float:
        """The short side, pixels; lines and brushes are measured in it."""
        return float(min(self.width, self.height))


def palette(brief: Brief, place: dict[str, Any], chance: Chance, *, indoors: bool) -> Palette:
    """Return the colours of a place at a time of day, moved a little by chance."""
    scenes = vocabulary.tables("scenes")
    time = scenes["times"][time_of(brief)]
    sky = tuple(place.get("sky", time["sky"]))
    ambient = time["ambient"]
    ground = _ground(brief, place, indoors=indoors)
    if indoors:
        names = sorted(scenes["walls"])
        value = 1.04 - 0.40 * chance.spread(3)
        walls = tuple(
            tint.shaded(code, value) for code in scenes["walls"][chance.pick("wall", names)]
        )
        if brief.place not in {"", "room", "kitchen", "desk"}:
            walls = tuple(place.get("wall", walls))
        sky = tuple(_lit(code, ambient) for code in ((brief.tint and _tones(brief.tint)) or walls))
    if place.get("sky") and brief.time in {"night", "dusk"}:
        sky = tuple(tint.mixed(one, two, 0.4) for one, two in zip(sky, time["sky"], strict=True))
    drift = chance.steady("palette", -0.5, 0.5)
    hills = tuple(_lit(code, ambient) for code in place.get("hills", ("#8aa0a6", "#6f8a8f")))
    return Palette(
        sky=_drifted(sky, drift),
        ground=_drifted(tuple(_lit(code, ambient) for code in ground), drift * 0.6),
        hills=(tint.mixed(hills[0], time["haze"], 0.45), tint.mixed(hills[1], time["haze"], 0.25)),
        haze=time["haze"] if not indoors else sky[1],
        sun=time["sun"],
        ink=time["ink"],
        ambient=(ambient[0], ambient[1], ambient[2]),
    )


def time_of(brief: Brief) -> str:
    """Return the time of day; the style *night* is one, and bad weather greys the day."""
    if brief.style == "night":
        return "night"
    if brief.time:
        return brief.time
    return "overcast" if {"rain", "storm", "fog"} & set(brief.weather) else "day"


def _ground(brief: Brief, place: dict[str, Any], *, indoors: bool) -> tuple[str, ...]:
    materials = vocabulary.tables("scenes")["materials"]
    if brief.material and (indoors or not place):
        return tuple(materials[brief.material])
    if "snow" in brief.weather and not indoors and not place.get("deep"):
        return SNOW_GROUND
    if brief.tint and not indoors and not place:
        return _tones(brief.tint)
    return tuple(place.get("ground", TABLE if indoors else ("#a9bf74", "#86a95a", "#5f8446")))


def _tones(code: str) -> tuple[str, str, str]:
    return (
        tint.mixed(code, "#ffffff", 0.12),
        tint.mixed(code, "#ffffff", 0.28),
        tint.mixed(code, "#ffffff", 0.42),
    )


def _lit(code: str, ambient: list[float]) -> str:
    return tint.hexed(tint.times(tint.rgb(code), ambient))


def _drifted(stops: tuple[str, ...], amount: float) -> tuple[str, str, str]:
    one, two, three = (tint.hexed(tint.warmer(tint.rgb(code), amount)) for code in stops)
    return one, two, three
