"""A template becomes words: slots are filled, other templates are put in; pure."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Final

from domain.asked import TemplateAsked
from domain.errors import CommandError, Fault
from domain.spec import SEGMENTS, Segment, SegmentName, Segments, TemplateUse
from domain.template import INCLUDED, MAX_SLOTS, SLOT, Library, Slot, Template

_SLOT: Final = re.compile(SLOT)
_INCLUDED: Final = re.compile(INCLUDED)
_ANY: Final = re.compile(f"{SLOT}|{INCLUDED}")
_NUMBER: Final = re.compile(r"-?[0-9]+(?:\.[0-9]+)?")
_PIECE: Final = re.compile(
    r"@(?P<name>[A-Za-z][A-Za-z0-9-]{0,39})(?:@(?P<version>[1-9][0-9]{0,5}))?"
    r"(?P<slots>(?: [a-z][a-z0-9_]*=.*)?)",
    re.DOTALL,
)
_GIVEN: Final = re.compile(r"(?:^| )([a-z][a-z0-9_]{0,30})=")
MAX_DEPTH: Final = 8


def given_slots(text: str) -> tuple[tuple[str, str], ...]:
    """Read ``material=brushed steel light=dusk``: a value runs to the next name."""
    found = list(_GIVEN.finditer(text))
    ends = [*(one.start() for one in found[1:]), len(text)][: len(found)]
    return tuple(
        (one[1], text[one.end() : end].strip().strip('"'))
        for one, end in zip(found, ends, strict=True)
    )


def as_asked(text: str) -> TemplateAsked | None:
    """Read ``hero@2 material=brass``; None if it is no template's name."""
    found = _PIECE.fullmatch(f"@{text}")
    if not found:
        return None
    return TemplateAsked(
        name=found["name"].lower(),
        version=int(found["version"]) if found["version"] else None,
        slots=given_slots(found["slots"].strip()),
    )


def as_piece(text: str) -> TemplateAsked | None:
    """Read a segment that names a template: ``@kettle@2 metal=steel``; None if it is words."""
    return as_asked(text[1:]) if text.startswith("@") else None


def slots_of(texts: Sequence[str]) -> dict[str, Slot]:
    """Return the slots of a template's texts, by name, in their order.

    Raises:
        CommandError: A slot is written in two ways, or a brace is no slot.
    """
    slots: dict[str, Slot] = {}
    faults: list[Fault] = []
    for text in texts:
        if "{" in (rest := _ANY.sub("", text)) or "}" in rest:
            faults.append(Fault("{", text, "braces hold a slot: {metal}, {metal=brass|steel}"))
        for found in _SLOT.finditer(text):
            slot = _slot(found)
            known = slots.setdefault(slot.name, slot)
            if known != slot and known != (plain := Slot(name=slot.name)) and slot != plain:
                faults.append(Fault(f"{{{slot.name}}}", "", "stands there twice, in two ways"))
            elif known == Slot(name=slot.name):
                slots[slot.name] = slot
    if len(slots) > MAX_SLOTS:
        faults.append(Fault("{", f"{len(slots)} slots", f"at most {MAX_SLOTS}"))
    if faults:
        raise CommandError("; ".join(map(str, faults)), faults=tuple(faults))
    return slots


def _slot(found: re.Match[str]) -> Slot:
    kind, default = found["kind"], found["default"]
    if kind is None and default and "|" in default:
        choices = _choices(default)
        return Slot(name=found["name"], kind="choice", choices=choices, default=choices[0])
    if kind is None or kind in ("text", "number"):
        held = "number" if kind == "number" else "text"
        return Slot(name=found["name"], kind=held, default=default)
    return Slot(name=found["name"], kind="choice", choices=_choices(kind), default=default)


def _choices(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(filter(None, map(str.strip, text.split("|"))))) or ("",)


def included(template: Template) -> set[str]:
    """Return the templates whose words one takes: ``kettle``, or ``kettle@2``."""
    texts = [template.segments[name].text for name in SEGMENTS]
    return {
        f"{one['included']}@{one['version']}" if one["version"] else one["included"]
        for text in texts
        for one in _INCLUDED.finditer(text)
    }


@dataclass(slots=True)
class Filled:
    """A template with its slots filled."""

    segments: Segments
    use: TemplateUse


@dataclass(slots=True)
class _Filling:
    """One filling under way: what was given, what is known, what went wrong."""

    library: Library
    given: Mapping[str, str]
    used: dict[str, str] = field(default_factory=dict)
    taken: list[str] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    slots: dict[str, Slot] = field(default_factory=dict)

    def text(self, template: Template, segment: SegmentName, path: tuple[str, ...]) -> str:
        """Return one segment's words."""
        if template.name in path or len(path) > MAX_DEPTH:
            circle = ", which takes words from ".join((*path, template.name))
            raise CommandError(f"templates go round in a circle: {circle}")
        text = template.segments[segment].text
        path = (*path, template.name)
        for name, slot in slots_of([template.segments[one].text for one in SEGMENTS]).items():
            self.slots.setdefault(name, slot)
        whole = _INCLUDED.sub(lambda found: self._included(found, segment, path), text)
        return _SLOT.sub(lambda found: self._value(found["name"]), whole)

    def _included(self, found: re.Match[str], segment: SegmentName, path: tuple[str, ...]) -> str:
        name = found["included"]
        other = held(self.library, name, int(found["version"]) if found["version"] else None)
        self.taken.append(other.named)
        return self.text(other, speaking(other, segment), path)

    def _value(self, name: str) -> str:
        slot = self.slots.get(name, Slot(name=name))
        value = self.given.get(name, slot.default)
        if value is None or value == "":
            allowed = f"one of {', '.join(slot.choices)}" if slot.choices else f"a {slot.kind}"
            self.faults.append(Fault(name, "", f"must be given: {name}={allowed}"))
            return ""
        if slot.kind == "choice" and value not in slot.choices:
            near = get_close_matches(value, slot.choices, 1)
            allowed = f"one of {', '.join(slot.choices)}"
            self.faults.append(Fault(name, value, allowed, near[0] if near else ""))
        if slot.kind == "number" and not _NUMBER.fullmatch(value):
            self.faults.append(Fault(name, value, "a number"))
        self.used[name] = value
        return value


def filled(asked: TemplateAsked, library: Library, segment: SegmentName | None = None) -> Filled:
    """Return the words of a template.

    Args:
        asked: Its name, version and what its slots are filled with.
        library: It, and all that it takes words from.
        segment: The one segment that is wanted; None: all.

    Raises:
        CommandError: A slot is missing, unknown or wrongly filled, or templates go in a circle.
        NotFoundError: There is no such template.
    """
    template = held(library, asked.name, asked.version)
    filling = _Filling(library, dict(asked.slots))
    wanted = (segment,) if segment else SEGMENTS
    texts: dict[SegmentName, Segment] = {}
    for name in wanted:
        source = speaking(template, name) if segment else name
        text = filling.text(template, source, ())
        texts[name] = Segment(text=text, weight=template.segments[source].weight)
    _check_known(asked, filling)
    if filling.faults:
        faults = tuple(dict.fromkeys(filling.faults))
        raise CommandError(f"{template.named}: {'; '.join(map(str, faults))}", faults=faults)
    use = TemplateUse(
        name=template.name,
        version=template.version,
        slots=filling.used,
        includes=tuple(dict.fromkeys(filling.taken)),
        segment=segment,
    )
    return Filled(Segments(**texts), use)


def _check_known(asked: TemplateAsked, filling: _Filling) -> None:
    for name, text in asked.slots:
        if name not in filling.slots:
            near = get_close_matches(name, filling.slots, 1)
            known = ", ".join(filling.slots) or "none"
            filling.faults.append(
                Fault(name, text, f"no slot of it; it has {known}", "".join(near))
            )


def held(library: Library, name: str, version: int | None) -> Template:
    """Return a template of a library that holds it, and the right version."""
    return library[f"{name}@{version}" if version else name]


def speaking(template: Template, segment: SegmentName) -> SegmentName:
    """Return the segment of a template whose words are meant in *segment*.

    Raises:
        CommandError: It has none for that segment, and more than one other.
    """
    said = [name for name in SEGMENTS if template.segments[name]]
    if segment in said:
        return segment
    if len(said) == 1:
        return said[0]
    raise CommandError(
        f"{template.named} says nothing for {segment}", hint=f"It speaks of {', '.join(said)}."
    )


def with_slots(segments: Segments, slots: Sequence[tuple[str, str]]) -> Segments:
    """Return segments in which words became slots that have them as default.

    Raises:
        CommandError: The words do not stand there, or a brace does.
    """
    faults = []
    texts = {name: segments[name].text for name in SEGMENTS}
    if any("{" in text or "}" in text for text in texts.values()):
        faults.append(Fault("{", "", "a template has braces for slots only; edit them away first"))
    for name, words in slots:
        place = f"{{{name}={words}}}"
        if not words or not any(words in text for text in texts.values()):
            faults.append(Fault(name, words, "stands nowhere in the prompt"))
        texts = {at: text.replace(words, place) if words else text for at, text in texts.items()}
    if faults:
        raise CommandError("; ".join(map(str, faults)), faults=tuple(faults))
    return Segments(**{
        name: segments[name].model_copy(update={"text": texts[name]}) for name in SEGMENTS
    })  # fmt: skip
