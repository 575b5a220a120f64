"""The checklist of a production team, answered from the log: done, missing or not needed."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from domain.errors import CommandError, Fault
from domain.model import ModelCard
from domain.record import Record
from domain.run import Run
from domain.spec import TaskType
from pipeline.compile import WORKING_BAND

ItemName = Literal[
    "task",
    "model",
    "segments",
    "references",
    "seed",
    "parameters",
    "baseline",
    "strength",
    "negatives",
    "scores",
    "format",
    "archive",
]
BEFORE: Final[frozenset[ItemName]] = frozenset(
    {"task", "segments", "references", "strength", "negatives", "format"}
)
"""What can be known, and so demanded, before anything is made."""
CONSISTENT: Final[frozenset[TaskType]] = frozenset({"character", "brand"})
"""Task types whose images must look like others."""


SAY_IT: Final[dict[ItemName, str]] = {
    "task": "--task TYPE",
    "segments": "subject :: environment :: technical :: style",
    "references": "--character NAME, --ref IMAGE:subject, --lora NAME or --init IMAGE",
    "strength": "--strength 0.55",
    "negatives": "--no text, watermark",
    "format": "--target NAME or --ar W:H",
}


class Item(Record):
    """One thing that a team does, as far as it is done for one run."""

    name: ItemName
    state: Literal["done", "missing", "not_needed"]
    why: str
    """In words: what was found, or what lacks."""
    fix: str = ""
    """The line that would do it, where one line can."""


@dataclass(frozen=True, slots=True)
class Known:
    """A run with what its checklist needs beside it."""

    run: Run
    card: ModelCard | None = None
    """The model's card; None if it is not known any more."""
    exported: bool = False
    """Whether approved work of it was handed out."""


def checklist(known: Known) -> tuple[Item, ...]:
    """Return every item for a run, in the order in which a team goes through them."""
    return tuple(item(known) for item in _ITEMS)


def summary(items: Sequence[Item]) -> dict[str, list[str]]:
    """Return the names of the items by state, as ``--json`` shows them."""
    return {
        state: [one.name for one in items if one.state == state]
        for state in ("done", "missing", "not_needed")
    }


def check_mandatory(
    runs: Sequence[Run], known: Mapping[str, ModelCard], mandatory: Sequence[ItemName]
) -> None:
    """Refuse what lacks something that the team demands of every run.

    Raises:
        CommandError: All that lacks, each with what would do.
    """
    wanted = BEFORE & {*mandatory}
    lacking = {
        one.name: one
        for run in (runs if wanted else ())
        for one in checklist(Known(run, known.get(run.route.model)))
        if one.name in wanted and one.state == "missing"
    }
    if lacking:
        faults = tuple(Fault(one.name, "", one.why) for one in lacking.values())
        said = "; ".join(f"{one.name}: {one.why}" for one in lacking.values())
        hint = "Say it in the line: " + ", ".join(SAY_IT[name] for name in lacking) + "."
        raise CommandError(f"this team's checklist wants more: {said}", faults=faults, hint=hint)


def _task(known: Known) -> Item:
    task = known.run.route.task
    if not known.run.route.task_guessed:
        return Item(name="task", state="done", why=task)
    why = f"guessed: {task}"
    return Item(name="task", state="missing", why=why, fix=f"again --task {task}")


def _model(known: Known) -> Item:
    route = known.run.route
    if route.reason == "no other model is on":
        return Item(name="model", state="missing", why=f"{route.model}: {route.reason}")
    return Item(name="model", state="done", why=f"{route.model}: {route.reason}")


def _segments(known: Known) -> Item:
    segments = known.run.spec.segments
    named = ("subject", "environment", "style")
    empty = [name for name in named if not getattr(segments, name)]
    if not empty:
        return Item(name="segments", state="done", why="subject, environment and style are said")
    why = f"nothing is said of {' and '.join(empty)}"
    return Item(name="segments", state="missing", why=why, fix=f"{empty[0]}: …")


def _references(known: Known) -> Item:
    spec, task = known.run.spec, known.run.route.task
    given = {
        "references": spec.references,
        "a LoRA": spec.loras,
        "a control image": spec.controls,
        "an init image": spec.init_image,
    }
    used = [name for name, value in given.items() if value]
    if used:
        return Item(name="references", state="done", why=" and ".join(used))
    if task not in CONSISTENT:
        return Item(name="references", state="not_needed", why=f"{task} stands alone")
    why = f"a {task} must look like others, and nothing holds it to them"
    return Item(name="references", state="missing", why=why, fix="again --ref IMAGE:subject")


def _seed(known: Known) -> Item:
    run = known.run
    if known.card is not None and known.card.seed is None:
        why = f"{known.card.title} takes none"
        return Item(name="seed", state="not_needed", why=why)
    said = {"fixed": "given", "keep": "as the run before", "random": "by chance, and logged"}
    return Item(name="seed", state="done", why=said[run.spec.seed.kind])


def _parameters(known: Known) -> Item:
    version = f", {known.run.model_version}" if known.run.model_version else ""
    why = f"every value that was sent is in the log{version}"
    return Item(name="parameters", state="done", why=why)


def _baseline(known: Known) -> Item:
    run = known.run
    if run.id == run.root or run.baseline is None:
        return Item(name="baseline", state="not_needed", why="it is what others are compared with")
    return Item(name="baseline", state="done", why="compared with the baseline of its thread")


def _strength(known: Known) -> Item:
    run = known.run
    used, asked = run.parameters.denoising_strength, run.spec.denoising_strength
    if used is None:
        return Item(name="strength", state="not_needed", why="no picture is denoised")
    low, high = WORKING_BAND
    if asked is None:
        why = f"{used:g} by default: say how far it may go"
        return Item(name="strength", state="missing", why=why, fix=f"again --strength {used:g}")
    band = "" if low <= asked <= high else f", outside {low:g} to {high:g}"
    return Item(name="strength", state="done", why=f"{asked:g}{band}")


def _negatives(known: Known) -> Item:
    if known.run.spec.segments.negative:
        return Item(name="negatives", state="done", why=known.run.spec.segments.negative.text)
    if known.card is not None and not known.card.negative_prompt:
        why = f"{known.card.title} takes none"
        return Item(name="negatives", state="not_needed", why=why)
    why = "nothing is kept out"
    return Item(name="negatives", state="missing", why=why, fix="negative: + text, watermark")


def _scores(known: Known) -> Item:
    made = known.run.artworks
    judged = [one for one in made if one.verdict is not None]
    if not made or len(judged) < len(made):
        return Item(name="scores", state="missing", why="not measured yet")
    aside = sum(one.verdict == "reject" for one in made)
    why = f"{len(made)} measured, {aside} set aside" if aside else f"{len(made)} measured"
    return Item(name="scores", state="done", why=why)


def _format(known: Known) -> Item:
    spec = known.run.spec
    if spec.target:
        return Item(name="format", state="done", why=f"for {spec.target}")
    said = [one for one in (spec.aspect_ratio, spec.file_format) if one]
    if said:
        return Item(name="format", state="done", why=", ".join(said))
    why = "nobody said where it goes, or in which shape"
    return Item(name="format", state="missing", why=why, fix="again --target NAME")


def _archive(known: Known) -> Item:
    approved = [one.index for one in known.run.artworks if one.approved]
    if not approved:
        first = next((one.index for one in known.run.artworks), None)
        fix = f"approve {first}" if first else ""
        return Item(name="archive", state="missing", why="nothing is approved yet", fix=fix)
    if known.exported:
        return Item(name="archive", state="done", why="approved, and handed out")
    numbers = ", ".join(f"#{number}" for number in approved)
    why = f"{numbers} approved, not handed out yet"
    return Item(name="archive", state="missing", why=why, fix="export")


_ITEMS: Final[tuple[Callable[[Known], Item], ...]] = (
    _task,
    _model,
    _segments,
    _references,
    _seed,
    _parameters,
    _baseline,
    _strength,
    _negatives,
    _scores,
    _format,
    _archive,
)
