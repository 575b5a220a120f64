"""A sheet on which interface parts are drawn: boxes, discs, bars, curves, and drawings inside."""

from collections.abc import Sequence

from providers.sketch import glyphs, shapes
from providers.sketch.glyphs import Glyph

WHITE = "#ffffff"


def box(x: float, y: float, wide: float, high: float, round_: float = 2.0) -> str:
    """Return the path of a box with round corners."""
    r = max(0.0, min(round_, wide / 2, high / 2))
    return (
        f"M{x + r:.2f} {y:.2f}h{wide - 2 * r:.2f}a{r:.2f} {r:.2f} 0 0 1 {r:.2f} {r:.2f}"
        f"v{high - 2 * r:.2f}a{r:.2f} {r:.2f} 0 0 1 {-r:.2f} {r:.2f}"
        f"h{2 * r - wide:.2f}a{r:.2f} {r:.2f} 0 0 1 {-r:.2f} {-r:.2f}"
        f"v{2 * r - high:.2f}a{r:.2f} {r:.2f} 0 0 1 {r:.2f} {-r:.2f}Z"
    )


def disc(x: float, y: float, r: float) -> str:
    """Return the path of a circle."""
    half = f"a{r:.2f} {r:.2f} 0 1 0 "
    return f"M{x - r:.2f} {y:.2f}{half}{2 * r:.2f} 0{half}{-2 * r:.2f} 0Z"


def polyline(points: Sequence[tuple[float, float]]) -> str:
    """Return the path through points."""
    return "M" + "L".join(f"{x:.2f} {y:.2f}" for x, y in points)


class Panel:
    """Pieces back to front, with other drawings set among them."""

    def __init__(self, wide: float, high: float) -> None:
        self.wide, self.high = wide, high
        self._layers: tuple[list[str], list[str], list[str]] = ([], [], [])

    def add(self, path: str, fill: str | None, *, edge: bool = True) -> None:
        """Add one piece."""
        for kept, layer in zip(self._layers, shapes.layers([(path, fill, edge)]), strict=True):
            kept.append(layer)

    def box(  # noqa: PLR0917  x, y, width, height, as every drawing library has them
        self,
        x: float,
        y: float,
        wide: float,
        high: float,
        fill: str,
        round_: float = 2.0,
        *,
        edge: bool = True,
    ) -> None:
        """Add a box."""
        self.add(box(x, y, wide, high, round_), fill, edge=edge)

    def bars(  # noqa: PLR0917  the same
        self,
        x: float,
        y: float,
        widths: Sequence[float],
        fill: str,
        thick: float = 1.6,
        step: float = 3.4,
    ) -> None:
        """Add lines of greeked text: never letters."""
        for number, wide in enumerate(widths):
            self.box(x, y + number * step, wide, thick, fill, thick / 2, edge=False)

    def disc(self, x: float, y: float, r: float, fill: str, *, edge: bool = True) -> None:
        """Add a circle."""
        self.add(disc(x, y, r), fill, edge=edge)

    def drawing(self, glyph: Glyph, x: float, y: float, wide: float, high: float) -> None:
        """Set another drawing into a box, whole."""
        scale = min(wide / max(1.0, glyph.width), high / max(1.0, glyph.height))
        left = x + (wide - glyph.width * scale) / 2 - glyph.box[0] * scale
        top = y + (high - glyph.height * scale) / 2 - glyph.box[1] * scale
        frame = f'<g transform="translate({left:.2f} {top:.2f}) scale({scale:.4f})">'
        mask = glyphs.recoloured(glyph.colour, lambda _code: WHITE)
        for kept, layer in zip(
            self._layers, (glyph.colour, mask + glyph.line, glyph.full), strict=True
        ):
            kept.append(f"{frame}{layer}</g>")

    def glyph(self) -> Glyph:
        """Return the sheet as a drawing."""
        colour, line, full = ("".join(layer) for layer in self._layers)
        return Glyph(colour, line, full, (0.0, 0.0, self.wide, self.high))
