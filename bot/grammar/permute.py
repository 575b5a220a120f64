"""One line that stands for several: expanded before segments and flags are read, then compared.

Each of its lines is read by the same parser as any other. What differs between them is found by
comparing what was read, so an axis is always called after the thing that truly differs.
"""

from collections.abc import Callable, Sequence
from typing import Any, Final

from bot.grammar.clean import squeeze
from bot.grammar.faults import Faults
from bot.grammar.groups import Sequel, count, expanded, groups_of, read_groups
from bot.grammar.marks import unescape
from bot.grammar.verbs import VERB_BY_NAME
from domain.axis import Axis
from domain.command import (
    Again,
    Branch,
    Cell,
    Command,
    Edit,
    Imagine,
    Permuted,
    Reroll,
)
from domain.flags import Flags
from domain.spec import MAX_AXES, MAX_CELLS, SEGMENTS, SegmentName

MAKES: Final = (Imagine, Edit, Branch, Reroll, Again)
HUGE: Final = 1_000_000
_FEWER: Final = "Take options away, or ask in two lines."
_LOOSE: Final = ("dry_run", "max_cost_usd", "baseline")
"""Flags that are about the line as a whole."""
_NAMED: Final = {"models": "model"}
Reads = Callable[[str, Faults], Command]


def permuted(line: str, head: str, rest: str, faults: Faults, reads: Reads) -> Command:
    """Read a line with groups.

    Args:
        line: As typed, cleaned.
        head: The verb that it begins with; empty if it begins with none.
        rest: What follows the verb.
        faults: What is wrong already, and what will be.
        reads: Reads one line without groups.

    Raises:
        CommandError: What is wrong with the line, or with the first of its lines that is wrong.
    """
    sequel = read_groups(line, faults)
    if faults:
        reads(line.replace("{", "\\{"), faults)  # tells what else is wrong, all at once
    faults.tell()
    total = count(sequel)
    if total > MAX_CELLS:
        said = f"{total}" if total < HUGE else "more than a million"
        faults.add("{", f"{said} cells", f"at most {MAX_CELLS} in one sheet")
        faults.tell(_FEWER)
    cells = _cells(list(expanded(sequel)), faults, reads)
    kind = cells[0].kind
    verb = head if head and _is_of(head, kind) else kind
    text = squeeze(rest if verb == head else line) if kind == "imagine" else ""
    text = text or (rest if verb == head else line)
    axes = _axes(sequel, cells, faults)
    faults.tell()
    return Permuted(pattern=f"{verb} {text}", cells=tuple(cells), axes=axes)


def _is_of(head: str, kind: str) -> bool:
    """Tell whether a line that begins with a verb was read as that verb."""
    return kind == VERB_BY_NAME[head].name or (head == "seed" and kind == "edit")


def _cells(lines: Sequence[str], faults: Faults, reads: Reads) -> list[Cell]:
    """Read every line; they must be of one verb, about one run, and each another."""
    cells: list[Cell] = []
    for line in lines:
        command = reads(line, Faults())
        if not isinstance(command, MAKES):
            faults.add(
                command.kind, "{", "only what makes images may hold groups; for a brace write \\{"
            )
            break
        if isinstance(command, Imagine) and command.flags.from_brief:
            faults.add("--from-brief", "{", "takes no groups; for a brace write \\{")
        cells.append(command)
    faults.tell()
    first = cells[0]
    if {one.kind for one in cells} != {first.kind}:
        faults.add("{", "", "a group chooses words and values, never the verb")
    elif any(_whole(one) != _whole(first) for one in cells):
        loose = ", ".join(name.replace("_", "-") for name in ("in", *_LOOSE))
        faults.add("{", "", f"what counts for the line as a whole has one value: {loose}")
    elif len({one.model_dump_json() for one in cells}) < len(cells):
        faults.add("{", "", "two cells ask for the same; let each option say another thing")
    elif len({len(one.flags.models) for one in cells}) > 1:
        faults.add("--model", "", "as many models in each option")
    faults.tell()
    return cells


def _whole(cell: Cell) -> tuple[object, ...]:
    """Return what is about all cells at once."""
    about = getattr(cell, "run", None), getattr(cell, "number", None)
    return (*about, *(getattr(cell.flags, name) for name in _LOOSE))


def _axes(sequel: Sequel, cells: Sequence[Cell], faults: Faults) -> tuple[Axis, ...]:
    """Name what each group changes, with its values in words; several models are an axis too."""
    found = [list(group.expanded()) for group in groups_of(sequel)]
    found = [values for values in found if len(values) > 1]
    stride, axes = len(cells), list[Axis]()
    for values in found:
        stride //= len(values)
        varied = [cells[at * stride] for at in range(len(values))]
        name = _numbered(_name(varied), axes)
        axes.append(Axis(name=name, values=tuple(_worded(one) for one in values)))
    if len(cells[0].flags.models) > 1:
        axes.append(Axis.of_models(cells[0].flags.models))
    runs = len(cells) * max(1, len(cells[0].flags.models))
    if runs > MAX_CELLS:
        faults.add("{", f"{runs} cells", f"at most {MAX_CELLS} in one sheet, models counted")
    if len(axes) > MAX_AXES:
        faults.add("{", f"{len(axes)} groups", f"at most {MAX_AXES} in one sheet, models counted")
    return tuple(axes)


def _worded(value: str) -> str:
    return unescape(value).strip('"') or "(nothing)"


def _numbered(name: str, axes: Sequence[Axis]) -> str:
    """Tell the second group in the same thing from the first: ``style 2``."""
    same = sum(axis.name.partition(" ")[0] == name for axis in axes)
    return f"{name} {same + 1}" if same else name


def _name(cells: Sequence[Cell]) -> str:
    first = cells[0]
    names = dict.fromkeys(name for one in cells[1:] for name in _differing(first, one))
    return " and ".join(names) or "words"


def _differing(one: Cell, other: Cell) -> list[str]:
    """Return what differs between two commands of one kind: segments first, then flags."""
    names: list[str] = []
    if isinstance(one, Imagine) and isinstance(other, Imagine):
        names += [name for name in SEGMENTS if one.segments[name] != other.segments[name]]
    elif isinstance(one, Edit | Branch) and isinstance(other, Edit | Branch):
        changed: set[SegmentName] = {edit.segment for edit in {*one.edits} ^ {*other.edits}}
        names += [name for name in SEGMENTS if name in changed]
    flags = [name for name in Flags.model_fields if _value(one, name) != _value(other, name)]
    return names + [_NAMED.get(name, name) for name in flags]


def _value(cell: Cell, name: str) -> Any:
    return getattr(cell.flags, name)
