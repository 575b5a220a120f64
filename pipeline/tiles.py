"""The pictures of a card: one tile each, made or not, and the words under it."""

import math

from domain.card import Tile, Words
from domain.fit import explained
from domain.run import Artwork, Run
from domain.spec import SEGMENTS
from pipeline.around import Around


def columns(count: int, *, landscape: bool) -> int:
    """Return the columns of a grid: about as many as rows, wide pictures stacked higher."""
    side = math.ceil(math.sqrt(count))
    return math.ceil(count / side) if landscape else side


def alt_text(run: Run) -> str:
    """Describe the pictures of a run by its brief, for those who do not see them."""
    brief = run.spec.scored_brief or run.spec.segments.style.text or "a picture"
    many = "One picture" if run.spec.count == 1 else f"{run.spec.count} pictures"
    return f"{many}: {brief}"[:1000]


def words_of(run: Run) -> tuple[Words, ...]:
    """Return the segments of a run, those that say something."""
    segments = run.spec.segments
    return tuple(
        Words(segment=name, text=segments[name].text, weight=segments[name].weight)
        for name in SEGMENTS
        if segments[name]
    )


def tile_of(run: Run, number: int, around: Around) -> Tile:
    """Return one image of a run as its card shows it, made or not."""
    made = run.artwork(number)
    width, height = _shape(run)
    alt = f"#{number}: {alt_text(run).partition(': ')[2]}"[:1000]
    if made is None:
        progress = (around.progress or {}).get(number)
        return Tile(
            number=number,
            digest=None,
            alt=alt,
            width=width,
            height=height,
            progress=progress,
            preview=(around.previews or {}).get(number, 0),
        )
    return Tile(
        number=number,
        digest=made.digest,
        alt=alt,
        width=made.width,
        height=made.height,
        verdict=made.verdict,
        reasons=(*made.reasons, *made.notes, *_fit_in_words(run, made)),
        caption=caption(made),
        picks=len(made.picked_by),
        approved=made.approved,
        rejected=bool(made.rejected_by),
        favourite=bool(made.favourite_of),
    )


def caption(artwork: Artwork) -> str:
    """Return the scores that stand on a tile: only what was measured."""
    fit, sharpness = artwork.scores.get("fit"), artwork.scores.get("sharpness_p90")
    said = "fit –" if fit is None else f"fit {fit:.2f}"
    return said if sharpness is None else f"{said} · sharp {sharpness:.0f}"


def _fit_in_words(run: Run, made: Artwork) -> tuple[str, ...]:
    """Explain a fit, once it was measured."""
    said = explained(made.scores, [other.scores for other in run.artworks])
    return (said,) if said else ()


def _shape(run: Run) -> tuple[int, int]:
    width, height = run.parameters.width, run.parameters.height
    if width and height:
        return width, height
    left, _, right = (run.parameters.aspect_ratio or "1:1").partition(":")
    return int(left) * 64, int(right) * 64


def landscape_of(run: Run) -> bool:
    """Return whether the pictures of a run are wider than high."""
    width, height = _shape(run)
    return width > height
