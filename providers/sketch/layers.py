"""Things as layers of SVG: colour, line, and line with what is hidden knocked out."""

from collections.abc import Callable

from PIL import Image

from providers.sketch import colour as tint
from providers.sketch import glyphs
from providers.sketch.scene import Placed, Scene

INK_SHARE = 0.0038
"""Width of a line as a share of the short side; near things have bolder ones."""

Tone = Callable[[str], str]


def coloured(scene: Scene, *, lines: bool) -> Image.Image:
    """Render all things in colour, with or without their lines, RGBA."""
    return _rendered(scene, lambda thing: _full(scene, thing) if lines else _colour(scene, thing))


def inked(scene: Scene) -> Image.Image:
    """Render the lines alone, RGBA: white where a silhouette hides what is behind, black lines."""

    def body(thing: Placed) -> str:
        hidden = glyphs.recoloured(thing.glyph.colour, lambda _code: "#ffffff")
        return hidden + glyphs.thinned(thing.glyph.line, _width(scene, thing))

    return _rendered(scene, body)


def toned(scene: Scene, thing: Placed) -> Tone:
    """Return what light, distance and a colour word do to a thing's colours."""
    ambient, haze = scene.palette.ambient, tint.rgb(scene.palette.haze)
    light = tint.mix(ambient, (1.06, 1.04, 1.0), 0.62) if thing.lead else ambient
    plain = scene.kind in {"board", "sheet"}

    def tone(code: str) -> str:
        own = tint.repaint(code, thing.colour) if thing.colour else CALM.get(code, code)
        if scene.night and own in LIT_WINDOWS and not thing.lead:
            return "#ffd98a"
        lit = tint.rgb(own) if plain else tint.times(tint.rgb(own), light)
        return tint.hexed(tint.mix(lit, haze, thing.depth * 0.72))

    return tone


def _colour(scene: Scene, thing: Placed) -> str:
    return glyphs.recoloured(thing.glyph.colour, toned(scene, thing))


def _full(scene: Scene, thing: Placed) -> str:
    ink = tint.mixed(scene.palette.ink, scene.palette.haze, thing.depth * 0.62)
    paint = toned(scene, thing)

    def tone(code: str) -> str:
        return ink if tint.lightness(tint.rgb(code)) < tint.STROKE_LIGHTNESS else paint(code)

    return glyphs.recoloured(glyphs.thinned(thing.glyph.full, _width(scene, thing)), tone)


def _width(scene: Scene, thing: Placed) -> float:
    bold = (1.12 - 0.6 * thing.depth) * (0.75 + 0.5 * min(1.0, thing.height / (0.5 * scene.unit)))
    return min(3.0, max(0.35, INK_SHARE * scene.unit * bold / thing.scale))


def _rendered(scene: Scene, body: Callable[[Placed], str]) -> Image.Image:
    parts = [f'<g transform="{_transform(thing)}">{body(thing)}</g>' for thing in scene.placed]
    view = f"0 0 {scene.width} {scene.height}"
    return glyphs.render("".join(parts), scene.width, scene.height, view)


def _transform(thing: Placed) -> str:
    left, _, right, bottom = thing.glyph.box
    middle, scale = (left + right) / 2, thing.scale
    sunk = 0.10 * thing.height if thing.wet else 0.0
    turn = f"rotate({thing.turn:.2f} 0 {-thing.height / 2:.2f}) " if thing.turn else ""
    across = -scale if thing.flip else scale
    return (
        f"translate({thing.x:.2f} {thing.foot + sunk:.2f}) {turn}"
        f"scale({across:.4f} {scale:.4f}) translate({-middle:.3f} {-bottom:.3f})"
    )


LIT_WINDOWS = frozenset({"#9cc9dc", "#6ba6c9", "#a9cfe0"})
"""What is glass by day is lamplight by night."""

# OpenMoji's screen colours, brought down to what lies on a table of gouache.
CALM = {
    "#5c9e31": "#5b8f4e", "#b1cc33": "#9dba5a", "#ea5a47": "#d9603f", "#d22f27": "#b93a30",
    "#fcea2b": "#f0cf5a", "#f1b31c": "#dfa63a", "#92d3f5": "#9cc9dc", "#61b2e4": "#6ba6c9",
    "#1e50a0": "#34588f", "#e27022": "#d8702f", "#f4aa41": "#e5a24d", "#a57939": "#9c7748",
    "#6a462f": "#69493a", "#ffa7c0": "#eaa3b0", "#e67a94": "#cf7488", "#b399c8": "#a893bd",
    "#8967aa": "#7d659d", "#186648": "#2f6650", "#3f3f3f": "#43434a", "#9b9b9a": "#9a9a9c",
    "#d0cfce": "#d3d0ca", "#781e32": "#6f2a39", "#c6763d": "#bd7445", "#debb90": "#dcbd98",
}  # fmt: skip
