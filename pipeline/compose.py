"""A command becomes a spec: the first one from a line, a child from its parent and a change."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from domain.command import (
    Again,
    Branch,
    Edit,
    Imagine,
    Reroll,
    Rework,
    SegmentEdit,
)
from domain.errors import CommandError, Fault, NotFoundError
from domain.flags import Flags
from domain.model import Adjustment
from domain.ports import Chance
from domain.run import Artwork, Parent, Run, RunKind
from domain.spec import (
    DEFAULT_DENOISING_STRENGTH,
    MAX_PROMPT_CHARS,
    SEGMENTS,
    Margins,
    PromptSpec,
    SeedStrategy,
    Segment,
    Segments,
)
from pipeline.bundled import bundled
from pipeline.shape import ratio_of

Child = Edit | Branch | Reroll | Again | Rework
Pictures = Mapping[str, str]
"""What people typed for ``--init`` and ``--mask`` → the digest under which it was stored."""

Shapes = Mapping[str, tuple[int, int]]
"""The width and height of stored pictures in pixels, by digest."""

SEEDS: Final = 2**32
WEIGHT_STEP: Final = 0.25
_MADE_ANEW: Final = {"operation": "make", "margins": Margins(), "init_image": None}
"""What a branch does not take over from an image that was only enlarged or cut out."""
_LEADING_NO = re.compile(r"^(?:no|without)\s+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Composed:
    """A spec with the seed of each of its images, and where it came from."""

    spec: PromptSpec
    seeds: tuple[int, ...]
    kind: RunKind
    adjustments: tuple[Adjustment, ...] = ()
    parent: Parent | None = None
    branch_digest: str | None = None
    """The picture that was branched from: what a model without seeds takes as its edit input."""


def compose(
    command: Imagine, *, chance: Chance, pictures: Pictures, shapes: Shapes | None = None
) -> Composed:
    """Make the spec of a first run; what begins with a picture has its shape.

    Raises:
        CommandError: There is nothing to draw, or the five segments are too long together.
    """
    segments, adjustments = with_negatives(command.segments, command.flags.no)
    spec = flagged(PromptSpec(segments=segments), command.flags, pictures)
    spec = shaped(spec, shapes or {})
    check(spec)
    first = spec.seed.seed if spec.seed.kind == "fixed" else chance.seed()
    return Composed(spec, row_of_seeds(first or 0, spec.count), "imagine", adjustments)


def compose_child(
    parent: Run,
    command: Child,
    *,
    chance: Chance,
    pictures: Pictures,
    shapes: Shapes | None = None,
) -> Composed:
    """Make the spec of a child: the parent's with the change, seeds as DESIGN 9 says.

    Raises:
        CommandError: The change does not fit the parent.
        NotFoundError: The artwork to branch from was not made.
    """
    strategy = SeedStrategy(kind="random" if isinstance(command, Reroll) else "keep")
    kept = parent.spec.model_copy(update={"seed": strategy})
    if isinstance(command, Branch) and kept.operation != "make":
        kept = kept.model_copy(update=_MADE_ANEW)
    segments = kept.segments
    for edit in command.edits if isinstance(command, Edit | Branch) else ():
        segments = segments.with_segment(edit.segment, edited(segments[edit.segment], edit))
    segments, adjustments = with_negatives(segments, command.flags.no)
    spec = flagged(kept.model_copy(update={"segments": segments}), command.flags, pictures)
    if command.flags.init_image:
        spec = shaped(spec, shapes or {})
    if isinstance(command, Rework):
        return _reworked(parent, command, spec, adjustments, chance)
    if isinstance(command, Branch):
        return _branched(parent, command, spec, adjustments, chance)
    if isinstance(command, Edit):
        _check_changes(parent, command, spec)
    check(spec)
    seeds = _child_seeds(parent, command, spec, chance)
    return Composed(spec, seeds, command.kind, adjustments, Parent(run=parent.id))


def edited(segment: Segment, edit: SegmentEdit) -> Segment:
    """Apply one change to one segment.

    ``more X`` keeps the words and adds X, or raises the weight by 0.25 if X is there already;
    ``less X`` takes 0.25 off the weight.

    Raises:
        CommandError: ``- X`` names words that the segment does not hold.
    """
    match edit.action:
        case "replace":
            weight = 1.0 if edit.weight is None else edit.weight
            return Segment(text=edit.text, weight=weight)
        case "append":
            return segment.model_copy(update={"text": _joined(segment.text, edit.text)})
        case "remove":
            return segment.model_copy(update={"text": _without(segment, edit)})
        case "more":
            if _holds(segment.text, edit.text):
                return _heavier(segment, WEIGHT_STEP)
            return segment.model_copy(update={"text": _joined(segment.text, edit.text)})
        case "less":
            return _heavier(segment, -WEIGHT_STEP)


def _branched(
    parent: Run,
    command: Branch,
    spec: PromptSpec,
    adjustments: tuple[Adjustment, ...],
    chance: Chance,
) -> Composed:
    artwork = _of_parent(parent, command.number)
    flags = command.flags
    changed = bool(command.edits) or flags.model_copy(update={"seed": None}) != Flags()
    origin = Parent(run=parent.id, number=command.number)
    kept = chance.seed() if flags.seed == "random" else parent.seeds[command.number - 1]
    first = flags.seed if isinstance(flags.seed, int) else kept
    if changed and flags.denoising_strength is None and flags.init_image is None:
        spec = spec.model_copy(update={"count": flags.count or 1})
    else:
        strength = flags.denoising_strength
        values = {
            "init_image": spec.init_image if flags.init_image else artwork.digest,
            "denoising_strength": DEFAULT_DENOISING_STRENGTH if strength is None else strength,
        }
        spec = spec.model_copy(update=values)
    check(spec)
    seeds = row_of_seeds(first, spec.count)
    return Composed(spec, seeds, "branch", adjustments, origin, artwork.digest)


def _of_parent(parent: Run, number: int) -> Artwork:
    artwork = parent.artwork(number)
    if artwork is None:
        made = ", ".join(str(one.index) for one in parent.artworks) or "none yet"
        raise NotFoundError(f"no image {number} in {parent.ref}", hint=f"Made: {made}.")
    return artwork


def _reworked(
    parent: Run,
    command: Rework,
    spec: PromptSpec,
    adjustments: tuple[Adjustment, ...],
    chance: Chance,
) -> Composed:
    """One finished image, larger, wider or cut out: its words and seed, and nothing else."""
    artwork = _of_parent(parent, command.number)
    values: dict[str, object] = {
        "operation": command.kind,
        "margins": command.margins,
        "init_image": artwork.digest,
        "count": 1,
        "mask": None,
        "denoising_strength": None,
        "controls": (),
        "references": (),
        "loras": (),
    }
    asked = command.flags.seed
    kept = chance.seed() if asked == "random" else parent.seeds[command.number - 1]
    first = asked if isinstance(asked, int) else kept
    origin = Parent(run=parent.id, number=command.number)
    reworked = spec.model_copy(update=values)
    return Composed(reworked, (first,), command.kind, adjustments, origin, artwork.digest)


def _child_seeds(
    parent: Run, command: Edit | Reroll | Again, spec: PromptSpec, chance: Chance
) -> tuple[int, ...]:
    asked = command.flags.seed
    if isinstance(asked, int):
        return row_of_seeds(asked, spec.count)
    if asked == "random" or (isinstance(command, Reroll) and asked != "keep"):
        return row_of_seeds(chance.seed(), spec.count)
    more = row_of_seeds(parent.seeds[-1] + 1, max(0, spec.count - len(parent.seeds)))
    return (*parent.seeds[: spec.count], *more)


def row_of_seeds(first: int, count: int) -> tuple[int, ...]:
    """Image *i* uses ``first + i`` modulo 2**32, as A1111 numbers a batch."""
    return tuple((first + offset) % SEEDS for offset in range(count))


def flagged(spec: PromptSpec, flags: Flags, pictures: Pictures) -> PromptSpec:
    """Return a spec with what flags ask for; pictures by the digests of their names."""
    same = ("task", "count", "aspect_ratio", "steps", "cfg_scale", "denoising_strength")
    also = ("brief", "target", "max_cost_usd", "file_format", "background")
    asked = {name: getattr(flags, name) for name in same + also}
    values = {name: value for name, value in asked.items() if value is not None}
    if flags.models:
        values["model"] = flags.model  # of several each run has its own
    values |= _inputs(flags, pictures)
    if flags.template_use:
        values["template"] = flags.template_use
    if flags.pieces:
        replaced = {one.segment for one in flags.pieces}
        kept = tuple(one for one in spec.pieces if one.segment not in replaced)
        values["pieces"] = kept + flags.pieces
    if isinstance(flags.seed, int):
        values["seed"] = SeedStrategy(kind="fixed", seed=flags.seed)
    elif flags.seed is not None:
        values["seed"] = SeedStrategy(kind=flags.seed)
    return bundled(spec.model_copy(update=values), flags.house_use, flags.character_use)


def shaped(spec: PromptSpec, shapes: Shapes) -> PromptSpec:
    """Return the spec with the shape of its init image, unless another was asked for."""
    shape = shapes.get(spec.init_image or "")
    if shape is None or spec.aspect_ratio:
        return spec
    return spec.model_copy(update={"aspect_ratio": ratio_of(*shape)})


def _inputs(flags: Flags, pictures: Pictures) -> dict[str, object]:
    """Return the pictures and adapters that flags name, as they are stored; nothing for nothing."""
    values: dict[str, object] = {
        "init_image": flags.init_image and pictures[flags.init_image],
        "mask": flags.mask and pictures[flags.mask],
        "controls": tuple(one.held_by(pictures[one.image]) for one in flags.controls),
        "references": tuple(one.held_by(pictures[one.image]) for one in flags.references),
        "loras": flags.loras,
    }
    return {name: value for name, value in values.items() if value}


def with_negatives(
    segments: Segments, no: Sequence[str]
) -> tuple[Segments, tuple[Adjustment, ...]]:
    """Return segments with what ``--no`` names in the negative one, a leading "no" taken off."""
    asked = ", ".join(part for part in (segments.negative.text, *no) if part)
    clean = asked
    adjustments: tuple[Adjustment, ...] = ()
    if any(_LEADING_NO.match(part) for part in _words(asked)):
        clean = ", ".join(_LEADING_NO.sub("", part) for part in _words(asked))
        adjustments = (_double_negative(asked, clean),)
    changed = segments.negative.model_copy(update={"text": clean})
    return segments.with_segment("negative", changed), adjustments


def _double_negative(asked: str, clean: str) -> Adjustment:
    reason = "the negative segment names what to keep out; a “no” in it would say the opposite"
    return Adjustment(parameter="segments.negative", asked=asked, used=clean, reason=reason)


def check(spec: PromptSpec) -> None:
    """Refuse what nothing can be made of.

    Raises:
        CommandError: Nothing to draw, a mask without a picture, or too many words.
    """
    faults: list[Fault] = []
    length = sum(len(spec.segments[name].text) for name in SEGMENTS)
    if length > MAX_PROMPT_CHARS:
        allowed = f"at most {MAX_PROMPT_CHARS} characters in all"
        faults.append(Fault("prompt", f"{length} characters", allowed))
    if not spec.segments.brief and not spec.segments.style and not spec.init_image:
        faults.append(Fault("subject", "", "say what the image shows", "a red fox :: in the snow"))
    if spec.mask and not spec.init_image:
        faults.append(Fault("--mask", "", "a mask needs --init, the picture it belongs to"))
    if spec.denoising_strength is not None and not spec.init_image:
        needs = "a strength needs --init, or a branch"
        faults.append(Fault("--strength", f"{spec.denoising_strength:g}", needs))
    if faults:
        raise CommandError("; ".join(map(str, faults)), faults=tuple(faults))


def _check_changes(parent: Run, command: Edit, spec: PromptSpec) -> None:
    same_seeds = command.flags.seed in {None, "keep"}
    settled = spec.model_copy(update={"seed": parent.spec.seed})
    if same_seeds and settled == parent.spec:
        raise CommandError("this changes nothing", hint="Say what to change: style: more cinematic")


def _words(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def _holds(text: str, words: str) -> bool:
    return words.casefold() in {part.casefold() for part in _words(text)}


def _joined(text: str, more: str) -> str:
    return f"{text}, {more}" if text else more


def _without(segment: Segment, edit: SegmentEdit) -> str:
    if _holds(segment.text, edit.text):
        kept = [part for part in _words(segment.text) if part.casefold() != edit.text.casefold()]
        return ", ".join(kept)
    start = segment.text.casefold().find(edit.text.casefold())
    if start < 0:
        fault = Fault(edit.segment, f"- {edit.text}", "words that it holds", segment.text)
        raise CommandError(str(fault), faults=(fault,))
    left, right = segment.text[:start], segment.text[start + len(edit.text) :]
    return re.sub(r"\s*,\s*(?=,|$)|\s{2,}", " ", f"{left}{right}").strip(" ,")


def _heavier(segment: Segment, step: float) -> Segment:
    weight = min(10.0, max(0.0, round(segment.weight + step, 2)))
    return segment.model_copy(update={"weight": weight})
