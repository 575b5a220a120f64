"""What a run takes from the library beside words: house styles, characters, trigger words."""

from typing import Final, Literal

from domain.model import Adjustment
from domain.spec import BundleUse, PromptSpec, Segment, SegmentName

WHERE: Final[dict[Literal["house", "character"], SegmentName]] = {
    "house": "style",
    "character": "subject",
}
"""Which segment the phrase of each goes into."""


def bundled(spec: PromptSpec, house: BundleUse | None, character: BundleUse | None) -> PromptSpec:
    """Return the spec with a house style and a character; another one takes the former's place."""
    spec = spec if house is None else _with(spec, "house", spec.house, house)
    return spec if character is None else _with(spec, "character", spec.character, character)


def triggered(spec: PromptSpec) -> tuple[PromptSpec, tuple[Adjustment, ...]]:
    """Return the spec with the trigger words of its LoRA, each where the prompt has it not yet."""
    said: list[Adjustment] = []
    for one in spec.loras:
        before = spec.segments[one.speaks_in]
        if not one.trigger or _holds(spec, one.trigger):
            continue
        after = _joined(before, one.trigger)
        reason = f"the trigger words of {one.name}"
        said.append(
            Adjustment(
                parameter=f"segments.{one.speaks_in}",
                asked=before.text,
                used=after.text,
                reason=reason,
            )
        )
        spec = _changed(spec, one.speaks_in, after)
    return spec, tuple(said)


def without_borrowed(spec: PromptSpec) -> PromptSpec:
    """Return the spec without the references that a house style or a character brought."""
    borrowed = {digest for one in (spec.house, spec.character) if one for digest in one.references}
    kept = tuple(one for one in spec.references if one.image not in borrowed)
    return spec.model_copy(update={"references": kept})


def _with(
    spec: PromptSpec,
    kind: Literal["house", "character"],
    former: BundleUse | None,
    use: BundleUse,
) -> PromptSpec:
    segment = spec.segments[WHERE[kind]]
    if former is not None and former.phrase and former.phrase != use.phrase:
        segment = segment.model_copy(update={"text": _without(segment.text, former.phrase)})
    if use.phrase and use.phrase.casefold() not in segment.text.casefold():
        segment = _joined(segment, use.phrase)
    return _changed(spec, WHERE[kind], segment).model_copy(update={kind: use})


def _without(text: str, phrase: str) -> str:
    return ", ".join(part for part in text.replace(phrase, "").split(", ") if part.strip(" ,"))


def _joined(segment: Segment, words: str) -> Segment:
    text = f"{segment.text}, {words}" if segment.text else words
    return segment.model_copy(update={"text": text})


def _changed(spec: PromptSpec, name: SegmentName, segment: Segment) -> PromptSpec:
    segments = spec.segments.with_segment(name, segment)
    return spec.model_copy(update={"segments": segments})


def _holds(spec: PromptSpec, words: str) -> bool:
    parts = (spec.segments[name].text for name in ("subject", "environment", "technical", "style"))
    return words.casefold() in " ".join(parts).casefold()
