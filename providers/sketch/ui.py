"""Screens of our own: what a designer would rough out for a dashboard, a form, a phone."""

import math
from collections.abc import Callable
from dataclasses import dataclass

from providers.sketch import colour as tint
from providers.sketch.chance import Chance
from providers.sketch.glyphs import Glyph
from providers.sketch.panel import Panel, polyline

THEMES = (
    ("#3f6fb5", "#f0a53c"), ("#d9603f", "#2f6f7e"), ("#2f8f7b", "#e8b84a"),
    ("#7557a8", "#ef8a6b"), ("#27406e", "#e2725b"), ("#c4587e", "#3f7d8c"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Look:
    """The few colours of an interface, and where its figures come from."""

    accent: str
    second: str
    page: str
    card: str
    text: str
    faint: str
    chance: Chance
    picture: Glyph | None
    """What the product shows, where a screen has room for it."""

    def number(self, key: str, low: float = 0.0, high: float = 1.0) -> float:
        """Return a figure for a chart or a line of text."""
        return self.chance.number(f"ui:{key}", low, high)


def look(chance: Chance, colour: str | None, picture: Glyph | None, *, dark: bool) -> Look:
    """Return the look of an interface, by chance or in the colour that the brief names."""
    accent, second = THEMES[chance.seed % len(THEMES)]
    accent = colour or accent
    if dark:
        return Look(accent, second, "#28314a", "#3a4667", "#dfe5f2", "#5d6a8f", chance, picture)
    return Look(accent, second, "#f6f4ef", "#ffffff", "#5a6072", "#d8d6d0", chance, picture)


def browser(wide: float, high: float, is_: Look) -> Panel:
    """Return an empty browser window."""
    panel = Panel(wide, high)
    panel.box(0, 0, wide, high, is_.page, 3.5)
    panel.box(0, 0, wide, 8, tint.mixed(is_.page, is_.text, 0.14), 3.5)
    for number, code in enumerate(("#e2725b", "#f0c05a", "#6fae75")):
        panel.disc(5 + number * 4.4, 4, 1.3, code, edge=False)
    panel.box(wide * 0.3, 2.2, wide * 0.4, 3.6, is_.card, 1.8, edge=False)
    return panel


def dashboard(is_: Look) -> Glyph:
    """Return a dashboard: side bar, key figures, a curve, bars, a ring."""
    panel = browser(148, 100, is_)
    panel.box(0, 8, 24, 92, tint.mixed(is_.accent, "#1b2238", 0.45), 3, edge=False)
    for row in range(6):
        on = row == is_.chance.seed % 5
        panel.box(
            3,
            15 + row * 8,
            18,
            5,
            is_.accent if on else tint.mixed(is_.accent, "#1b2238", 0.30),
            1.6,
            edge=False,
        )
        panel.bars(8, 16.7 + row * 8, (is_.number(f"nav{row}", 6, 11),), "#e8ecf4")
    for column in range(3):
        x = 29 + column * 39.5
        panel.box(x, 14, 36, 17, is_.card, 2.4)
        panel.bars(x + 4, 18, (12, is_.number(f"kpi{column}", 16, 26)), is_.faint, 1.8, 5)
        panel.box(
            x + 4,
            23,
            is_.number(f"kpi{column}", 10, 20),
            3.4,
            (is_.accent, is_.second, is_.text)[column],
            1.2,
            edge=False,
        )
    panel.box(29, 36, 72, 34, is_.card, 2.4)
    curve(panel, is_, (33, 41, 64, 26))
    panel.box(105, 36, 36.5, 34, is_.card, 2.4)
    ring(panel, is_, (123, 53, 11))
    panel.box(29, 75, 46, 20, is_.card, 2.4)
    columns(panel, is_, (33, 78, 38, 14), 8)
    panel.box(79, 75, 62.5, 20, is_.card, 2.4)
    for row in range(3):
        panel.disc(84, 79.5 + row * 5.6, 1.7, (is_.second, is_.accent, is_.faint)[row], edge=False)
        panel.bars(88, 78.8 + row * 5.6, (is_.number(f"row{row}", 18, 32),), is_.faint)
        panel.bars(126, 78.8 + row * 5.6, (is_.number(f"sum{row}", 6, 12),), is_.text)
    return panel.glyph()


def website(is_: Look) -> Glyph:
    """Return a landing page: navigation, hero with its button, three promises."""
    panel = browser(148, 100, is_)
    panel.disc(10, 15, 3, is_.accent, edge=False)
    panel.bars(16, 14, (12,), is_.text, 2)
    for item in range(4):
        panel.bars(80 + item * 13, 14.2, (8,), is_.faint, 1.8)
    panel.box(131, 11.5, 12, 7, is_.accent, 3.5, edge=False)
    swap = is_.chance.seed // 2 % 2
    left, right = (8, 80) if swap else (82, 8)
    panel.bars(left, 29, (is_.number("h1", 44, 56), is_.number("h2", 30, 46)), is_.text, 5, 8)
    panel.bars(left, 46, (52, 48, 36), is_.faint, 1.8, 4)
    panel.box(left, 60, 24, 8, is_.accent, 4)
    panel.bars(left + 6, 63, (12,), "#ffffff", 2)
    panel.box(left + 28, 60, 20, 8, is_.page, 4)
    panel.box(right, 23, 58, 47, tint.mixed(is_.second, is_.page, 0.45), 5)
    _hero(panel, is_, (right, 23, 58, 47))
    for column in range(3):
        x = 8 + column * 45
        panel.box(x, 76, 42, 19, is_.card, 2.6)
        panel.disc(x + 8, 85.5, 4, (is_.accent, is_.second, is_.faint)[column], edge=False)
        panel.bars(x + 16, 81.5, (is_.number(f"c{column}", 14, 22), 20, 16), is_.faint, 1.7, 3.8)
    return panel.glyph()


def phone(is_: Look) -> Glyph:
    """Return an app on a phone: header, picture, list, tab bar."""
    panel = _handset(is_)
    panel.bars(8, 17, (is_.number("t", 18, 28),), is_.text, 3)
    panel.disc(57, 18.4, 3, is_.second, edge=False)
    panel.box(7, 26, 54, 38, tint.mixed(is_.accent, is_.page, 0.25), 4)
    _hero(panel, is_, (7, 26, 54, 38))
    for row in range(3):
        y = 69 + row * 16
        panel.box(7, y, 54, 13, is_.card, 3)
        panel.box(10, y + 2.5, 8, 8, (is_.second, is_.accent, is_.faint)[row], 2, edge=False)
        panel.bars(
            22,
            y + 3.4,
            (is_.number(f"a{row}", 18, 30), is_.number(f"b{row}", 12, 24)),
            is_.faint,
            2,
            4.4,
        )
    panel.box(4, 119, 60, 12, is_.card, 0, edge=False)
    for tab in range(4):
        panel.disc(
            12 + tab * 14.7,
            125,
            2.6,
            is_.accent if tab == is_.chance.seed % 4 else is_.faint,
            edge=False,
        )
    return panel.glyph()


def form(is_: Look) -> Glyph:
    """Return a log-in form on a phone."""
    panel = _handset(is_)
    if is_.picture:
        panel.drawing(is_.picture, 20, 17, 28, 26)
    else:
        panel.disc(34, 32, 10, is_.accent)
        panel.add(polyline(((29.5, 32), (33, 36), (39.5, 28))), None)
    panel.bars(19, 49, (30,), is_.text, 3)
    panel.bars(23, 55, (22,), is_.faint, 1.8)
    for row in range(2):
        panel.bars(9, 65 + row * 19, (13,), is_.faint, 1.6)
        panel.box(8, 69 + row * 19, 52, 11, is_.card, 3)
        panel.bars(12, 73.6 + row * 19, (is_.number(f"f{row}", 16, 30),), is_.text, 1.8)
    panel.box(8, 106, 52, 12, is_.accent, 6)
    panel.bars(26, 111, (16,), "#ffffff", 2.2)
    panel.bars(22, 123, (24,), is_.faint, 1.7)
    return panel.glyph()


def list_(is_: Look) -> Glyph:
    """Return a settings list with switches."""
    panel = _handset(is_)
    panel.bars(8, 17, (24,), is_.text, 3.4)
    for row in range(7):
        y = 27 + row * 14
        panel.box(6, y, 56, 11.5, is_.card, 2.6)
        panel.disc(12.5, y + 5.7, 2.8, (is_.accent, is_.second, is_.faint)[row % 3], edge=False)
        panel.bars(19, y + 4.8, (is_.number(f"l{row}", 14, 24),), is_.faint, 2)
        on = is_.number(f"on{row}") < 0.55  # noqa: PLR2004  a little more than half are on
        panel.box(49, y + 3.2, 9.5, 5.2, is_.accent if on else is_.faint, 2.6, edge=False)
        panel.disc(55.8 if on else 51.6, y + 5.8, 2, "#ffffff", edge=False)
    return panel.glyph()


def card(is_: Look) -> Glyph:
    """Return a product card."""
    panel = Panel(76, 100)
    panel.box(0, 0, 76, 100, is_.card, 6)
    panel.box(6, 6, 64, 50, tint.mixed(is_.second, is_.card, 0.5), 4)
    _hero(panel, is_, (6, 6, 64, 50))
    panel.bars(8, 62, (is_.number("n", 28, 44),), is_.text, 3.4)
    panel.bars(8, 70, (56, is_.number("d", 30, 50)), is_.faint, 2, 4.6)
    panel.bars(8, 87, (14,), is_.text, 4)
    panel.box(40, 83, 29, 11, is_.accent, 5.5)
    panel.bars(48, 87.4, (13,), "#ffffff", 2.2)
    return panel.glyph()


def button(is_: Look) -> Glyph:
    """Return a button in its states."""
    panel = Panel(120, 88)
    fills = (is_.accent, tint.mixed(is_.accent, "#000000", 0.18), is_.card)
    for row, fill in enumerate(fills):
        panel.box(0, row * 32, 84, 24, fill, 12)
        panel.bars(28, row * 32 + 10.4, (30,), "#ffffff" if row < 2 else is_.accent, 3.2)  # noqa: PLR2004
        panel.disc(104, row * 32 + 12, 12, fill)
        y = row * 32 + 12
        panel.add(polyline(((100, y), (108, y), (104.5, y - 3.5))), None)
    return panel.glyph()


def icon(is_: Look) -> Glyph:
    """Return an app icon."""
    panel = Panel(96, 96)
    panel.box(0, 0, 96, 96, is_.accent, 22)
    panel.add(
        "M0 60C30 44 60 76 96 52V74A22 22 0 0 1 74 96H22A22 22 0 0 1 0 74Z",
        tint.mixed(is_.accent, "#000000", 0.14),
        edge=False,
    )
    if is_.picture:
        panel.drawing(is_.picture, 18, 18, 60, 60)
    else:
        panel.disc(48, 46, 24, "#fbf6ee")
        panel.add("M48 28L54 42L68 46L54 50L48 64L42 50L28 46L42 42Z", is_.second)
    return panel.glyph()


def chart(is_: Look) -> Glyph:
    """Return a card with a chart."""
    panel = Panel(120, 88)
    panel.box(0, 0, 120, 88, is_.card, 5)
    panel.bars(8, 9, (34, 22), is_.text, 3, 5.5)
    columns(panel, is_, (10, 26, 100, 52), 8)
    return panel.glyph()


def player(is_: Look) -> Glyph:
    """Return a music player."""
    panel = _handset(is_)
    panel.box(10, 18, 48, 48, tint.mixed(is_.second, is_.page, 0.2), 5)
    _hero(panel, is_, (10, 18, 48, 48))
    panel.bars(18, 73, (32,), is_.text, 3)
    panel.bars(23, 80, (22,), is_.faint, 2)
    panel.box(10, 90, 48, 2, is_.faint, 1, edge=False)
    panel.box(10, 90, is_.number("p", 12, 36), 2, is_.accent, 1, edge=False)
    panel.disc(34, 107, 8.5, is_.accent)
    panel.add("M31.500 102.500L39 107L31.500 111.500Z", "#ffffff", edge=False)
    for x, way in ((17, -1), (51, 1)):
        panel.add(
            polyline(((x - 3 * way, 103), (x + 3 * way, 107), (x - 3 * way, 111))) + "Z",
            is_.text,
            edge=False,
        )
    return panel.glyph()


def curve(panel: Panel, is_: Look, frame: tuple[float, float, float, float]) -> None:
    """Draw an area under a curve."""
    x, y, wide, high = frame
    for row in range(4):
        panel.box(x, y + row * high / 4, wide, 0.5, is_.faint, 0, edge=False)
    points = [
        (
            x + wide * step / 8,
            y + high * (0.75 - 0.06 * step + 0.22 * math.sin(step * 1.1 + is_.number("w") * 6)),
        )
        for step in range(9)
    ]
    panel.add(
        polyline([*points, (x + wide, y + high), (x, y + high)]) + "Z",
        tint.mixed(is_.accent, is_.card, 0.55),
        edge=False,
    )
    panel.add(polyline(points), None)
    panel.disc(*points[5], 1.8, is_.second)


def columns(panel: Panel, is_: Look, frame: tuple[float, float, float, float], count: int) -> None:
    """Draw bars of a chart."""
    x, y, wide, high = frame
    step = wide / count
    best = is_.chance.seed % count
    for number in range(count):
        tall = high * is_.number(f"bar{number}", 0.25, 0.95)
        fill = is_.second if number == best else is_.accent
        panel.box(x + number * step, y + high - tall, step * 0.62, tall, fill, 1.2, edge=high > 20)  # noqa: PLR2004


def ring(panel: Panel, is_: Look, place: tuple[float, float, float]) -> None:
    """Draw a ring chart with one share marked."""
    x, y, r = place
    panel.disc(x, y, r, is_.accent)
    angle = is_.number("ring", 1.2, 4.4)
    ex, ey = x + r * math.sin(angle), y - r * math.cos(angle)
    panel.add(f"M{x} {y}V{y - r}A{r} {r} 0 {int(angle > math.pi)} 1 {ex:.2f} {ey:.2f}Z", is_.second)
    panel.disc(x, y, r * 0.55, is_.card)


def _handset(is_: Look) -> Panel:
    panel = Panel(68, 138)
    panel.box(0, 0, 68, 138, "#2a2d38", 10)
    panel.box(3.5, 3.5, 61, 131, is_.page, 7.5)
    panel.box(24, 6, 20, 4, "#2a2d38", 2, edge=False)
    panel.bars(9, 7.2, (7,), is_.text, 1.6)
    panel.bars(52, 7.2, (8,), is_.text, 1.6)
    panel.box(23, 130.5, 22, 1.6, is_.faint, 0.8, edge=False)
    return panel


def _hero(panel: Panel, is_: Look, frame: tuple[float, float, float, float]) -> None:
    """Fill a picture area with what the product shows, or with a quiet landscape."""
    x, y, wide, high = frame
    if is_.picture:
        panel.disc(
            x + wide / 2,
            y + high / 2,
            min(wide, high) * 0.44,
            tint.mixed(is_.accent, "#ffffff", 0.35),
            edge=False,
        )
        panel.drawing(is_.picture, x + wide * 0.16, y + high * 0.13, wide * 0.68, high * 0.74)
        return
    panel.disc(
        x + wide * is_.number("sun", 0.25, 0.75),
        y + high * 0.36,
        high * 0.15,
        "#fbf0d2",
        edge=False,
    )
    base, peak = y + high - 2, is_.number("peak", 0.25, 0.45)
    points = (
        (x + 3, base),
        (x + wide * peak, y + high * 0.38),
        (x + wide * (peak + 0.16), y + high * 0.62),
        (x + wide * 0.76, y + high * 0.46),
        (x + wide - 3, base),
    )
    panel.add(polyline(points) + "Z", tint.mixed(is_.accent, "#1b2238", 0.2))


SCREENS: dict[str, Callable[[Look], Glyph]] = {
    "own:dashboard": dashboard,
    "own:website": website,
    "own:phone": phone,
    "own:form": form,
    "own:list": list_,
    "own:card": card,
    "own:button": button,
    "own:icon": icon,
    "own:chart": chart,
    "own:player": player,
}
