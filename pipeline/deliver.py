"""What is handed out of a run: which artworks, under which names, with which record beside them."""

from dataclasses import dataclass
from typing import Any

from domain.model import ModelCard
from domain.picture import SUFFIXES
from domain.run import Artwork, Run

FORMAT = "ai-handler/artwork-1"


@dataclass(frozen=True, slots=True)
class Parcel:
    """One artwork that is handed out."""

    name: str
    """The file's name without folder; the same artwork always has the same."""
    artwork: Artwork
    sidecar: dict[str, Any]


def chosen(run: Run, *, everything: bool) -> tuple[Artwork, ...]:
    """Return the artworks to hand out: those approved, or every one."""
    return tuple(made for made in run.artworks if everything or made.approved)


def file_name(run: Run, artwork: Artwork) -> str:
    """Return ``RUN-2-abcdef12.png``: run, number and the beginning of the digest."""
    stem = artwork.digest.removeprefix("sha256:")[:8]
    return f"{run.id}-{artwork.index}-{stem}{SUFFIXES[artwork.media_type]}"


def parcel(run: Run, artwork: Artwork, *, card: ModelCard | None, command_line: str) -> Parcel:
    """Put an artwork together with everything that is needed to make it again.

    Args:
        run: Its run.
        artwork: The artwork.
        card: Its model's card, for licence and attribution.
        command_line: The line that makes this one image again.
    """
    shown = artwork.model_dump(mode="json")
    sidecar = {
        "format": FORMAT,
        "file": file_name(run, artwork),
        "run": run.id,
        "number": artwork.index,
        "digest": artwork.digest,
        "parent": run.parent.model_dump(mode="json") if run.parent else None,
        "by": run.person.name,
        "created_at": run.model_dump(mode="json")["created_at"],
        "task": run.route.task,
        "model_version": artwork.model_version,
        "spec": run.spec.model_dump(mode="json"),
        "adjustments": [one.model_dump(mode="json") for one in run.adjustments],
        "attribution": card.attribution if card else "",
        "command": command_line,
        # IPTC NewsCodes "digitalsourcetype", read 2026-11-22: made by a trained model, or drawn
        # by a program without one.
        "digital_source_type": _source_type(run),
    }
    copied = ("parameters", "seed", "scores", "verdict", "reasons", "rating", "approvals", "notes")
    return Parcel(
        name=file_name(run, artwork),
        artwork=artwork,
        sidecar=sidecar | {name: shown[name] for name in copied},
    )


def _source_type(run: Run) -> str:
    drawn = run.route.model.startswith("sketch:")
    return "algorithmicMedia" if drawn else "trainedAlgorithmicMedia"
