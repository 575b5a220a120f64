"""When a brief names nothing that can be drawn: arches, steps and a ball, well lit."""

from providers.sketch import colour as tint
from providers.sketch.glyphs import Glyph
from providers.sketch.panel import Panel
from providers.sketch.scene import Placed, Scene

TONES = (
    ("#c4694a", "#e8c9a8", "#3f6f7a"),
    ("#5b7f6a", "#dcd3b4", "#c98a4a"),
    ("#7a5a80", "#e3cfd0", "#d9a23f"),
    ("#3f6a94", "#d7dde0", "#d9704f"),
)


def forms(scene: Scene) -> list[Placed]:
    """Return a small architecture of forms around the third."""
    chance = scene.chance
    tones = chance.pick("forms", TONES)
    lead = 0.30 + 0.40 * chance.spread(0)
    grown = 0.78 + 0.44 * chance.spread(2)
    foot = scene.horizon + (scene.height - scene.horizon) * 0.46
    away = 1.0 if lead < 0.5 else -1.0  # noqa: PLR2004  the middle
    plan = (
        (_arch(tones, chance.seed // 2 % 3), 0.0, -0.10, chance.steady("arch", 0.52, 0.62)),
        (_steps(tones), away * 0.22, 0.0, chance.steady("steps", 0.17, 0.24)),
        (_ball(tones), away * -0.20, 0.06, chance.steady("ball", 0.13, 0.19)),
        (_cone(tones), away * 0.36, -0.05, chance.steady("cone", 0.22, 0.32)),
    )
    return [
        Placed(
            glyph,
            scene.width * (lead + across + chance.number(f"form:{number}", -0.03, 0.03)),
            foot + down * scene.height,
            tall * scene.unit * grown,
            flip=away < 0,
            lead=True,
            key=f"form:{number}",
        )
        for number, (glyph, across, down, tall) in enumerate(plan)
    ]


def _arch(tones: tuple[str, str, str], kind: int) -> Glyph:
    panel = Panel(70, 100)
    panel.add("M0 100V35A35 35 0 0 1 70 35V100Z", tones[0])
    inner = (
        "M16 100V35A19 19 0 0 1 54 35V100Z",
        "M16 100V46H54V100Z",
        "M35 18A17 17 0 1 1 34.99 18Z",
    )
    panel.add(inner[kind], tint.mixed(tones[0], "#1f2233", 0.38))
    panel.add(
        "M60 100V35C60 24 56 15 50 9C62 13 70 24 70 35V100Z",
        tint.mixed(tones[0], "#1f2233", 0.16),
        edge=False,
    )
    return panel.glyph()


def _steps(tones: tuple[str, str, str]) -> Glyph:
    panel = Panel(120, 60)
    for row in range(3):
        panel.box(
            row * 16,
            40 - row * 20,
            120 - row * 32,
            20,
            tint.mixed(tones[1], "#ffffff", 0.12 * row),
            2,
        )
    return panel.glyph()


def _ball(tones: tuple[str, str, str]) -> Glyph:
    panel = Panel(60, 60)
    panel.disc(30, 30, 30, tones[2])
    panel.add(
        "M54 12A30 30 0 0 1 12 54A34 34 0 0 0 54 12Z",
        tint.mixed(tones[2], "#1f2233", 0.25),
        edge=False,
    )
    return panel.glyph()


def _cone(tones: tuple[str, str, str]) -> Glyph:
    panel = Panel(60, 90)
    panel.add("M30 0L58 82C50 92 10 92 2 82Z", tint.mixed(tones[2], tones[1], 0.5))
    panel.add("M30 0L58 82C53 87 44 89 38 89.5Z", tint.mixed(tones[2], tones[0], 0.4), edge=False)
    return panel.glyph()
