"""Screens on an artboard and marks on a brand sheet."""

from providers.sketch import glyphs
from providers.sketch.scene import Placed, Scene

MARKS = frozenset({"own:mark", "own:crest", "own:businesscard"})


def screens(scene: Scene, weight: float) -> list[Placed]:
    """Place mock-ups."""
    return [Placed(glyphs.glyph("own:poster"), scene.width / 2, scene.height * 0.8, scene.unit * 0.6 * weight)]


def sheet(scene: Scene, weight: float) -> list[Placed]:
    """Place a mark."""
    return [Placed(glyphs.glyph("own:mark"), scene.width / 2, scene.height * 0.7, scene.unit * 0.4 * weight)]
