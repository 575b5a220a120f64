"""What hangs on the wall of a room, away from the subject."""

from providers.sketch import glyphs
from providers.sketch.scene import Placed, Scene


def furnish(scene: Scene, placed: list[Placed]) -> list[Placed]:
    """Return one or two things for the wall, small and quiet."""
    kinds = [art for art in scene.place.get("hang", ()) if scene.brief.allows(art)]
    if not kinds or not placed or "dressing" in scene.brief.without:
        return []
    lead, chance = placed[0], scene.chance
    art = kinds[chance.seed // 2 % len(kinds)]
    glyph = glyphs.glyph(art)
    away = 1.0 if lead.x < scene.width / 2 else -1.0
    tall = min(scene.horizon * 0.46, scene.unit * chance.steady("hang:tall", 0.24, 0.32))
    if glyph.width > glyph.height:
        tall *= 0.8
    x = scene.width * (0.5 + away * chance.steady("hang:x", 0.20, 0.29))
    foot = scene.horizon * chance.steady("hang:y", 0.60, 0.72)
    if lead.foot - lead.height < foot and abs(lead.x - x) < (lead.width + tall) / 2:
        x = min(
            max(lead.x + away * (lead.width * 0.55 + tall * 0.6), tall * 0.3),
            scene.width - tall * 0.3,
        )
    return [Placed(glyph, x, foot, tall, depth=0.34, grounded=False, wall=True, key="hang")]
