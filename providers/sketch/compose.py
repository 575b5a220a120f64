"""Composition: which kind of picture it is, where the horizon lies, what stands where."""

from typing import Any

from providers.sketch import board, glyphs, vocabulary
from providers.sketch.brief import Brief, Wanted
from providers.sketch.chance import Chance
from providers.sketch.dressing import dress
from providers.sketch.forms import forms
from providers.sketch.furnish import furnish
from providers.sketch.order import SketchOrder
from providers.sketch.scene import Placed, Scene, palette, time_of

ZOOM = {
    "macro": 1.75,
    "close": 1.45,
    "medium": 1.18,
    "tele": 1.16,
    "wide": 0.74,
    "high": 0.86,
    "low": 1.22,
}
HALF = 0.5


def compose(brief: Brief, chance: Chance, order: SketchOrder) -> Scene:
    """Lay out the whole picture."""
    place = _place(brief)
    kind = _kind(brief, place)
    indoors = kind in {"still", "form", "lay"} and (bool(place.get("indoors")) or not place)
    horizon = _horizon(brief, chance, kind) * order.height_px
    scene = Scene(
        width=order.width_px,
        height=order.height_px,
        kind=kind,
        palette=palette(brief, place, chance, indoors=indoors),
        horizon=horizon,
        light=_light(brief, chance, order, (kind, horizon)),
        chance=chance,
        place=place,
        brief=brief,
        night=time_of(brief) == "night" or bool(place.get("stars")),
    )
    scene.placed = _arranged(scene, order.weights)
    return scene


def is_posed(pose: str, art: str) -> bool:
    """Say whether a drawing belongs in the air, or on water."""
    return art in vocabulary.tables("words")["poses"][pose]


def _place(brief: Brief) -> dict[str, Any]:
    places: dict[str, dict[str, Any]] = vocabulary.tables("scenes")["places"]
    name = brief.place
    if not name and any(
        is_posed("afloat", thing.entry.art) for thing in brief.things if thing.leading
    ):
        name = "sea"
    if not name and "snow" in brief.weather:
        name = "snowfield"
    if not name and any(
        thing.entry.section in {"environment", "character"} for thing in brief.things
    ):
        name = "meadow"
    if not name and not brief.material and (brief.weather or brief.time):
        name = "meadow"
    return places.get(name, {})


def _kind(brief: Brief, place: dict[str, Any]) -> str:
    leads = [thing.entry for thing in brief.things if thing.leading]
    if any(entry.section == "ui" and entry.art.startswith("own:") for entry in leads):
        return "board"
    if any(entry.art in board.MARKS for entry in leads) and brief.place == brief.subject_place:
        return "sheet"
    if "top" in brief.framing:
        return "lay"
    if not brief.things and not place:
        return "form"
    return "still" if place.get("indoors") or not place else "land"


def _horizon(brief: Brief, chance: Chance, kind: str) -> float:
    """Return the horizon as a share of the height; seeds in a row differ by design."""
    tier = 0.50 + 0.20 * chance.spread(1)
    base = tier + chance.steady("horizon", -0.025, 0.025)
    if kind in {"still", "form"}:
        base = 0.52 + 0.22 * chance.spread(1)
    if "low" in brief.framing:
        return min(0.84, base + 0.17)
    if "high" in brief.framing:
        return base - 0.26
    return base + (0.03 if "wide" in brief.framing else 0.0)


def _light(
    brief: Brief, chance: Chance, order: SketchOrder, sky: tuple[str, float]
) -> tuple[float, float]:
    """Return where the light is: on the other side than the subject."""
    kind, horizon = sky
    side = lead_x(brief, chance)
    x = (1.0 - side) + 0.40 * (chance.spread(5 if kind == "land" else 3) - 0.5)
    low = brief.time in {"dusk", "dawn", "golden"}
    y = 0.58 + 0.28 * chance.spread(3) if low else 0.16 + 0.44 * chance.spread(3)
    return x * order.width_px, y * horizon


def lead_x(brief: Brief, chance: Chance) -> float:
    """Return where the subject stands, as a share of the width: on a third unless centred."""
    if "centred" in brief.framing:
        return 0.5
    across = chance.spread(0)
    third = 0.30 + 0.30 * across if across < HALF else 0.55 + 0.30 * (across - HALF)
    if "thirds" in brief.framing:
        third += -0.06 if third < HALF else 0.06
    if {"close", "macro"} & set(brief.framing):
        third += (0.5 - third) * 0.45
    return third + chance.steady("lead-x", -0.035, 0.035)


def _arranged(scene: Scene, weights: tuple[float, ...]) -> list[Placed]:
    if scene.kind == "board":
        return board.screens(scene, weights[0])
    if scene.kind == "sheet":
        return board.sheet(scene, weights[0])
    if scene.kind == "form":
        return sorted(forms(scene), key=lambda one: one.foot)
    things = _counted(scene.brief.things)
    if scene.kind == "lay":
        return _lay(scene, things, weights[0])
    placed = _stand(scene, things, weights)
    sparse = _sparse(scene.brief)
    if scene.kind == "land" and "dressing" not in scene.brief.without:
        placed += dress(scene, placed, weights[1] * (1 - sparse))
    if scene.kind == "still":
        placed += furnish(scene, placed)
    return sorted(
        placed, key=lambda one: (not one.wall, not one.grounded and not one.wet, one.foot)
    )


def _sparse(brief: Brief) -> float:
    moods = vocabulary.tables("scenes")["moods"]
    return min(0.9, max((float(moods[name].get("sparse", 0)) for name in brief.moods), default=0.0))


def _counted(things: list[Wanted]) -> list[Wanted]:
    repeated = [thing for thing in things for _ in range(thing.count)]
    return sorted(repeated, key=lambda thing: not thing.leading)[:12]


def lead_share(metres: float, kind: str) -> float:
    """Return how much of the short side a subject fills, by its height in life."""
    if kind == "still":
        return max(0.34, min(0.58, 0.44 + 0.16 * (metres - 0.3)))
    return max(0.36, min(0.66, 0.44 + 0.055 * (metres - 1.0) ** (0.6 if metres > 1 else 1)))


def _stand(scene: Scene, things: list[Wanted], weights: tuple[float, ...]) -> list[Placed]:
    if not things:
        return []
    lead = things[0]
    zoom = weights[2] ** 0.2 if scene.brief.framing else 1.0
    for name in scene.brief.framing:
        zoom *= ZOOM.get(name, 1.0)
    tall = lead_share(lead.entry.metres, scene.kind) * zoom * max(0.3, weights[0]) ** 0.4
    tall *= 0.80 + 0.40 * scene.chance.spread(2) * scene.chance.steady("tall", 0.95, 1.05)
    if sum(thing.leading for thing in things) > 1:
        tall = min(tall, 0.62)
    largest = max(thing.entry.metres / lead.entry.metres for thing in things)
    size = tall * scene.unit * max(1.0, min(largest, 6.0) ** 0.42) ** -0.7
    floor = scene.height - scene.horizon
    foot = scene.horizon + floor * scene.chance.steady("foot", 0.50, 0.64)
    return [_one(scene, thing, number, size, foot) for number, thing in enumerate(things)]


def _one(scene: Scene, thing: Wanted, number: int, size: float, foot: float) -> Placed:
    """Place the n-th thing: the first leads, the others stand back, left and right in turn."""
    chance, lead = scene.chance, scene.brief.things[0]
    key = f"{thing.name}:{number}"
    glyph = glyphs.glyph(thing.entry.art)
    ratio = (thing.entry.metres / lead.entry.metres) ** 0.42
    back = (
        0.0
        if number == 0
        else min(0.62, 0.16 + 0.10 * number + chance.number(f"{key}:back", -0.04, 0.04))
    )
    if scene.kind == "still":
        back *= 0.75
    tall = size * max(0.16, min(2.6, ratio)) * (1 - 0.55 * back)
    widest = scene.width * (0.62 if number == 0 else 0.46)
    closeup = size > 0.72 * scene.unit
    tall = min(tall, widest * glyph.height / max(1.0, glyph.width) * (1.3 if closeup else 1.0))
    if closeup and number == 0:
        foot = scene.height * 0.53 + tall * 0.5
    y = foot - (min(foot, scene.height * 0.97) - scene.horizon) * back
    airborne = is_posed("air", thing.entry.art) and scene.kind == "land"
    wet = is_posed("afloat", thing.entry.art) and bool(scene.place.get("open_water"))
    if airborne:
        tall = min(tall, scene.horizon * 0.7)
        y = scene.horizon * chance.steady(f"{key}:up", 0.72, 0.92) - number * 0.1 * scene.horizon
        y = max(y, tall * 1.08)
    if scene.place.get("deep") and not thing.entry.art.startswith(("own:", "stand:")):
        airborne, y = (
            True,
            max(tall * 1.1, y - scene.horizon * chance.steady(f"{key}:swim", 0.25, 0.5)),
        )
    x = _across(scene, number, key, glyph.width / max(1.0, glyph.height) * tall, size)
    return Placed(
        glyph=glyph, x=x, foot=y, height=tall, flip=_flipped(scene, x, key), depth=back * 0.5,
        colour=thing.colour, grounded=not airborne and not wet, wet=wet,
        lead=thing.leading, key=key,
    )  # fmt: skip


def _across(scene: Scene, number: int, key: str, wide: float, size: float) -> float:
    lead = lead_x(scene.brief, scene.chance)
    if number == 0:
        return lead * scene.width
    steps = (1.0, -0.62, 1.62, -1.05, 0.55, 2.1, -1.4)
    away = 1.0 if lead < HALF else -1.0
    step = steps[(number - 1) % len(steps)] * (1 + (number - 1) // len(steps) * 0.35)
    front = glyphs.glyph(scene.brief.things[0].entry.art)
    lead_wide = min(size * front.width / max(1.0, front.height), 0.62 * scene.width)
    gap = max(0.26, min(0.44, (lead_wide + wide) * 0.52 / scene.width))
    x = lead + away * step * gap + scene.chance.number(f"{key}:x", -0.03, 0.03)
    margin = min(0.5, wide / scene.width * (0.54 if scene.kind == "still" else 0.42))
    return min(max(x, margin), 1 - margin) * scene.width


def _flipped(scene: Scene, x: float, key: str) -> bool:
    """Things look into the picture: OpenMoji's mostly look to the left."""
    return (
        x < scene.width * 0.5
        if key.endswith(":0")
        else scene.chance.pick(f"{key}:flip", (True, False))
    )


def _lay(scene: Scene, things: list[Wanted], weight: float) -> list[Placed]:
    """Lay things out as seen from above, around a leading one."""
    spots = (
        (0.0, 0.0),
        (0.52, -0.5),
        (-0.5, 0.52),
        (0.55, 0.5),
        (-0.55, -0.48),
        (0.02, -0.72),
        (0.0, 0.76),
        (0.78, 0.02),
        (-0.78, 0.0),
    )
    placed = []
    for number, thing in enumerate(things[: len(spots)]):
        glyph, key = glyphs.glyph(thing.entry.art), f"{thing.name}:{number}"
        size = scene.unit * (0.46 if number == 0 else 0.26) * max(0.3, weight) ** 0.35
        size *= min(1.0, 1.35 * glyph.height / max(1.0, glyph.width))
        dx, dy = spots[number]
        lead = lead_x(scene.brief, scene.chance)
        x = scene.width * (
            0.5 + (lead - 0.5) * 0.35 + dx * 0.42 + scene.chance.number(f"{key}:x", -0.03, 0.03)
        )
        y = scene.height * (0.5 + (0.06, -0.06)[scene.chance.seed // 2 % 2] + dy * 0.42) + size / 2
        turn = scene.chance.number(f"{key}:turn", -28, 28)
        placed.append(Placed(glyph, x, y, size, colour=thing.colour, turn=turn, key=key))
    return placed
