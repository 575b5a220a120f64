"""What a place brings along: trees of a forest, rocks of a desert; always behind the subject."""

from providers.sketch import glyphs, vocabulary
from providers.sketch.scene import Placed, Scene

GOLDEN = 0.61803
CLEAR = 0.46
"""Of the subject's width to each side of its middle, where nothing tall may stand."""


def dress(scene: Scene, placed: list[Placed], weight: float) -> list[Placed]:
    """Return the place's own things, far ones first, none in front of the subject."""
    kinds = [
        (art, share) for art, share in scene.place.get("dressing", ()) if scene.brief.allows(art)
    ]
    count = round(scene.place.get("density", 0) * max(0.0, weight))
    if not kinds or not count:
        return []
    return [_one(scene, placed, kinds, number, count) for number in range(min(count, 30))]


def _one(
    scene: Scene, placed: list[Placed], kinds: list[tuple[str, float]], number: int, count: int
) -> Placed:
    chance, key = scene.chance, f"dress:{number}"
    art = _drawn_from(kinds, chance.steady(f"{key}:kind"))
    near = ((number + 0.5) / count) ** 1.6
    lead = placed[0] if placed else None
    front = min(lead.foot, scene.height * 0.88) if lead else scene.height * 0.84
    floor = front - scene.horizon
    y = scene.horizon + floor * (0.05 + 0.78 * near)
    x = (number * GOLDEN + chance.spread(4) + chance.number(f"{key}:x", -0.05, 0.05)) % 1.0
    glyph = glyphs.glyph(art)
    tall = _height(scene, art, lead, near) * chance.number(f"{key}:tall", 0.85, 1.15)
    x = _aside(scene, lead, x * 1.16 - 0.08, tall) * scene.width
    return Placed(
        glyph=glyph, x=x, foot=y, height=tall, flip=chance.number(f"{key}:flip") < 0.5,  # noqa: PLR2004
        depth=0.72 - 0.62 * near, key=key,
    )  # fmt: skip


def _drawn_from(kinds: list[tuple[str, float]], at: float) -> str:
    total = sum(share for _, share in kinds) * at
    for art, share in kinds:
        total -= share
        if total <= 0:
            return art
    return kinds[-1][0]


def _height(scene: Scene, art: str, lead: Placed | None, near: float) -> float:
    """Return pixels: true to scale with the subject, but compressed, smaller with distance."""
    metres = float(vocabulary.tables("words")["metres"].get(art, 0.5))
    perspective = 0.26 + 0.74 * near
    base = 0.30 * scene.unit * (metres / 7) ** 0.42
    if lead and lead.foot > scene.height:
        base *= 1.5
    tall: float = min(scene.height * 0.62, base * perspective * 1.35)
    return max(0.03 * scene.unit, tall)


def _aside(scene: Scene, lead: Placed | None, x: float, tall: float) -> float:
    """Move what would stand behind the subject's shoulders out to its side."""
    if lead is None or tall < 0.08 * scene.unit:
        return x
    reach = lead.width / scene.width * CLEAR + tall * 0.25 / scene.width
    off = x - lead.x / scene.width
    if abs(off) >= reach:
        return x
    return lead.x / scene.width + (reach + abs(off) * 0.5) * (1 if off >= 0 else -1)
