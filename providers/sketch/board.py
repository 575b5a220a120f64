"""Screens on an artboard, and marks on a brand sheet."""

from typing import Final

from providers.sketch import colour as tint
from providers.sketch import glyphs, ui
from providers.sketch.brief import Wanted
from providers.sketch.glyphs import Glyph
from providers.sketch.panel import Panel
from providers.sketch.scene import Placed, Scene

MARKS: Final = frozenset({"own:mark", "own:crest", "own:businesscard"})
COMPANIONS: Final = {
    "own:dashboard": "own:phone",
    "own:website": "own:phone",
    "own:phone": "own:card",
    "own:form": "own:button",
    "own:list": "own:icon",
    "own:card": "own:button",
    "own:button": "own:icon",
    "own:icon": "own:phone",
    "own:chart": "own:phone",
    "own:player": "own:icon",
}
"""What stands beside a screen that a brief names alone."""
APART: Final = frozenset(
    {"own:dashboard", "own:website", "own:phone", "own:form", "own:list", "own:player"}
)
"""Screens of their own; a chart or a button is drawn inside one."""
HALF: Final = 0.5
INKS: Final = ("#27406e", "#a8432f", "#2f6f5e", "#5b4378", "#1f2a3d", "#8a5a2b")


def screens(scene: Scene, weight: float) -> list[Placed]:
    """Place one or two mock-ups, the named one leading."""
    named = [thing for thing in scene.brief.things if thing.entry.art in ui.SCREENS]
    other = [thing for thing in scene.brief.things if thing.entry.art not in ui.SCREENS]
    picture = glyphs.glyph(other[0].entry.art) if other else None
    dark = bool({"dark", "neon", "cyberpunk", "low key"} & set(scene.brief.moods)) or scene.night
    is_ = ui.look(
        scene.chance,
        next((thing.colour for thing in named if thing.colour), None),
        picture,
        dark=dark,
    )
    lead = named[0].entry.art
    asked = (thing.entry.art for thing in named[1:] if thing.entry.art in APART)
    second = next((art for art in asked if art != lead), COMPANIONS[lead])
    alone = {"centred"} & set(scene.brief.framing) or "minimal" in scene.brief.moods
    side = -1.0 if scene.chance.spread(0) < HALF else 1.0
    tier = 2 * scene.chance.spread(1)
    main = ui.SCREENS[lead](is_)
    broad = main.width > main.height
    across = 0.0 if alone else (-0.035 if broad else -0.13) * side
    weight *= 0.60 + 0.55 * scene.chance.spread(2)
    placed = [_screen(scene, main, (across, 0.0), (0.84 if broad else 0.80) * weight**0.3, tier)]
    if not alone and scene.brief.allows(second):
        spot = (0.33 * side, 0.13 - 0.06 * tier) if broad else (0.25 * side, 0.10 - 0.10 * tier)
        share = 0.30 if second in {"own:icon", "own:button"} else 0.44 if broad else 0.50
        placed.append(_screen(scene, ui.SCREENS[second](is_), spot, share, 2 - tier))
    return placed


def _screen(
    scene: Scene, glyph: Glyph, spot: tuple[float, float], share: float, tier: float
) -> Placed:
    """Fit a screen into its share of the board, a little higher or lower by chance."""
    framing, chance = set(scene.brief.framing), scene.chance
    zoom = 1.28 if framing & {"close", "macro"} else 0.78 if "wide" in framing else 1.0
    room = min(
        scene.width * share * zoom / glyph.width,
        scene.height * min(0.82, share * 1.05) * zoom / glyph.height,
    )
    tall = room * glyph.height
    lift = (tier - 1) * 0.055 + chance.steady(f"screen:{share}", -0.02, 0.02) + spot[1]
    x = scene.width * (0.5 + spot[0] + chance.steady(f"screen-x:{share}", -0.02, 0.02))
    foot = scene.height * (0.5 + lift) + tall / 2
    return Placed(glyph, x, foot, tall, lead=True, key=f"screen:{share}")


def sheet(scene: Scene, weight: float) -> list[Placed]:
    """Place a mark large, its variants small, and its colours."""
    named = next(thing for thing in scene.brief.things if thing.entry.art in MARKS)
    other = [thing for thing in scene.brief.things if thing.entry.art not in MARKS]
    inks = _inks(scene, named, other)
    mark = _mark(scene, named, other, inks)
    side = -1.0 if scene.chance.spread(0) < HALF else 1.0
    shift = 0.05 + 0.13 * scene.chance.spread(4)
    tier = -0.06 + 0.12 * scene.chance.spread(1)
    size = scene.unit * (0.40 + 0.20 * scene.chance.spread(2)) * weight**0.4
    middle = scene.height * (0.45 + tier)
    placed = [
        Placed(
            mark, scene.width * (0.5 + side * shift), middle + size / 2, size, lead=True, key="mark"
        )
    ]
    if "minimal" not in scene.brief.moods and "minimalist" not in scene.brief.moods:
        for number in range(3):
            small = size * 0.27
            y = middle - size * 0.5 + (number + 0.5) * size / 3 + small / 2
            x = scene.width * (0.5 + side * shift) - side * (size * 0.5 + small * 1.15)
            placed.append(Placed(_tile(mark, inks, number), x, y, small, key=f"tile:{number}"))
    swatches = _swatches(inks)
    foot = min(scene.height * 0.92, middle + size * 0.5 + scene.unit * 0.19)
    placed.append(
        Placed(
            swatches, scene.width * (0.5 + side * 0.10), foot, scene.unit * 0.085, key="swatches"
        )
    )
    return placed


def _inks(scene: Scene, named: Wanted, other: list[Wanted]) -> tuple[str, str, str]:
    first = named.colour or next((thing.colour for thing in other if thing.colour), None)
    first = first or scene.chance.pick("ink", INKS)
    return first, tint.mixed(first, "#f3d9a4", 0.62), "#f8f3e8"


def _mark(scene: Scene, named: Wanted, other: list[Wanted], inks: tuple[str, str, str]) -> Glyph:
    """Draw the mark: the thing it is of in a roundel, or a figure of its own."""
    if named.entry.art != "own:mark" and not other:
        return glyphs.glyph(named.entry.art)
    panel = Panel(100, 100)
    form = scene.chance.seed // 3 % 3
    if form == 0:
        panel.disc(50, 50, 50, inks[0])
        panel.disc(50, 50, 43, inks[1])
    elif form == 1:
        panel.box(0, 0, 100, 100, inks[0], 26)
        panel.box(7, 7, 86, 86, inks[1], 20)
    else:
        panel.add("M50 0L96 20V56C96 78 72 92 50 100C28 92 4 78 4 56V20Z", inks[0])
        panel.add("M50 8L89 25V56C89 73 69 85 50 92C31 85 11 73 11 56V25Z", inks[1])
    if other:
        panel.drawing(glyphs.glyph(other[0].entry.art), 20, 18, 60, 62)
    else:
        _figure(panel, scene.chance.seed // 2 % 3, inks)
    return panel.glyph()


def _figure(panel: Panel, form: int, inks: tuple[str, str, str]) -> None:
    if form == 0:
        panel.add("M22 66L42 30L54 52L62 40L78 66Z", inks[0])
        panel.disc(66, 30, 6, inks[0])
    elif form == 1:
        panel.add(
            "M50 18C66 30 72 44 66 58C62 68 56 74 50 80C44 74 38 68 34 58C28 44 34 30 50 18Z",
            inks[0],
        )
        panel.add("M50 30V78M50 48L60 40M50 58L40 50", None)
    else:
        panel.add("M50 18L58 41L82 42L63 57L70 80L50 66L30 80L37 57L18 42L42 41Z", inks[0])


def _tile(mark: Glyph, inks: tuple[str, str, str], number: int) -> Glyph:
    panel = Panel(60, 60)
    panel.box(0, 0, 60, 60, (inks[2], inks[1], inks[0])[number], 6)
    panel.drawing(mark, 12, 12, 36, 36)
    return panel.glyph()


def _swatches(inks: tuple[str, str, str]) -> Glyph:
    panel = Panel(150, 22)
    fills = (
        inks[0],
        tint.mixed(inks[0], inks[1], 0.45),
        inks[1],
        tint.mixed(inks[1], inks[2], 0.5),
        inks[2],
    )
    for number, fill in enumerate(fills):
        panel.box(number * 31, 0, 25, 22, fill, 5)
    return panel.glyph()
