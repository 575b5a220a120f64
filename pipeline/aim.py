"""Where an image goes decides what nobody asked for: its shape, its format, its background."""

from collections.abc import Mapping
from difflib import get_close_matches

from domain.errors import CommandError, Fault
from domain.flags import Flags
from domain.spec import PromptSpec
from domain.target import Target


def for_target(spec: PromptSpec, flags: Flags, targets: Mapping[str, Target]) -> PromptSpec:
    """Return the spec with what its target needs, where flags say nothing else.

    Raises:
        CommandError: There is no such target.
    """
    if flags.target is None:
        return spec
    target = targets.get(flags.target)
    if target is None:
        near = next(iter(get_close_matches(flags.target, list(targets), 1)), "")
        fault = Fault("--target", flags.target, f"one of {', '.join(targets)}", near)
        raise CommandError(str(fault), faults=(fault,))
    wanted: dict[str, object] = {}
    if flags.aspect_ratio is None:
        wanted["aspect_ratio"] = target.aspect_ratio
    if flags.file_format is None and target.file_formats:
        wanted["file_format"] = target.file_formats[0]
    if flags.background is None and target.alpha == "required":
        wanted["background"] = "transparent"
    return spec.model_copy(update=wanted)
