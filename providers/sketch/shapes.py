"""Shapes of our own: pieces of SVG from ``shapes.toml`` and the bodies under OpenMoji's heads."""

from typing import Any, Final

from providers.sketch import vocabulary

INK: Final = "#000000"
SKIN_TONES: Final = {"skin": "#e8b48c", "skin-shade": "#c98f66"}
LINE = f'fill="none" stroke="{INK}" stroke-width="2" stroke-linecap="round" stroke-linejoin="round"'
CAPES: Final = frozenset({"🦸", "🦸‍♀️", "🦹", "🧛"})
GOWNS: Final = frozenset({"🧙", "🧙‍♀️", "🧙‍♂️", "👸", "🧚", "🧝", "🧛", "🎅", "🧑‍⚖️", "👻"})
STUBS: Final = frozenset({"🐻", "🐼", "🐸", "🐹"})
BARE_HEADS: Final = frozenset({"👽", "🤖", "👹"})

Piece = tuple[str, str | None, bool]
"""Path data, fill or none, and whether its edge is drawn."""


def pieces(name: str) -> list[Piece]:
    """Return the pieces of a shape, back to front; an unknown one is a blank sheet."""
    table: dict[str, Any] = vocabulary.tables("shapes")
    rows = table.get(name, table["blank"])["pieces"]
    return [(row[0], row[1] or None, row[2] if len(row) > 2 else True) for row in rows]  # noqa: PLR2004


def layers(drawn: list[Piece]) -> tuple[str, str, str]:
    """Return colour, line and both; in the line layer, what is behind is hidden."""
    colour, line, full = [], [], []
    for path, fill, edged in drawn:
        painted = f'<path d="{path}" fill="{fill}"/>' if fill else ""
        hiding = f'<path d="{path}" fill="#ffffff"/>' if fill and edged else ""
        edge = f'<path d="{path}" {LINE}/>' if edged else ""
        colour.append(painted)
        line.append(hiding + edge)
        full.append(painted + edge)
    return "".join(colour), "".join(line), "".join(full)


def sitter(accents: list[str], head: str) -> tuple[str, str, str]:
    """Return a sitting animal's body, for a head at the top of the box."""
    coat, pale = accents
    tail = "M48 66C64 66 74 56 70 44C68 37 60 36 58 42C60 48 56 54 46 56Z"
    if head in STUBS:
        tail = "M52 66C58 68 61 64 59 60C57 57 54 58 52 60Z"
    tip = "M70 44C68 37 60 36 58 42C61 41 65 45 67 52C70 49 71 47 70 44Z"
    trunk = "M24 34C16 46 14 60 16 68C22 72 50 72 56 68C58 60 56 46 48 34Z"
    bib = "M28 38C27 50 31 60 36 64C41 60 45 50 44 38Z"
    legs = "M29 50V66C29 71 22 71 22 67M43 50V66C43 71 50 71 50 67"
    paws = "M22 68C22 64 31 64 32 69C32 72 22 72 22 68ZM50 68C50 64 41 64 40 69C40 72 50 72 50 68Z"
    drawn: list[Piece] = [(tail, coat, True), (tip, pale, False)]
    drawn = drawn[:1] if head in STUBS else drawn
    body = [*drawn, (trunk, coat, True), (bib, pale, False), (legs, None, True), (paws, coat, True)]
    return layers(body)


def stander(accents: list[str], head: str) -> tuple[str, str, str]:
    """Return what stands under a bust: a gown, or legs; behind a hero, a cape."""
    coat, second = accents
    drawn: list[Piece] = []
    if head in CAPES:
        drawn.append(("M20 56L10 98C26 92 46 92 62 98L52 56Z", second, True))
    if head in GOWNS:
        gown = "M19 58C18 76 14 92 11 104C26 108 46 108 61 104C58 92 54 76 53 58Z"
        drawn.append((gown, coat, True))
        drawn.append(("M36 66L28 105M36 66L44 105", None, True))
    else:
        top = "M36 50C22 50 19 54 18 60" if head in BARE_HEADS else "M19 57"
        close = "L54 60C53 54 50 50 36 50Z" if head in BARE_HEADS else "L53 57Z"
        arms = "C17 66 16 74 16 83H22L24.500 68V86H47.500V68L50 83H56C56 74 55 66 54 60"
        drawn.append(("M25 80H47L46 103H38L36 88L34 103H26Z", second, True))
        drawn.append((f"{top}{arms}{close}", coat, True))
        shoes = "M25 102H35V107H21C21 104 23 102 25 102ZM47 102H37V107H51C51 104 49 102 47 102Z"
        drawn.append((shoes, "#3f3f3f", True))
    return layers(drawn)
