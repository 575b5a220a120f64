"""The shelf of prompt templates: what its lines do, and what it puts into a prompt."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, cast

from bot.answers import Answer, Said, said_again
from bot.libraries import Made
from bot.permissions import Permissions
from bot.targets import Targets
from domain.asked import TemplateAsked
from domain.card import Button, Panel
from domain.command import Branch, Edit, Imagine, SegmentEdit, Use
from domain.errors import CommandError
from domain.event import Event
from domain.flags import Flags
from domain.run import Run
from domain.shelf import ShelfLine
from domain.spec import SEGMENTS, Segment, SegmentName, Segments, TemplateUse
from domain.template import KEPT, Held, Template, Templates, Usage
from pipeline.history import marked
from pipeline.templating import Filled, as_piece, filled, included, slots_of, with_slots
from pipeline.worddiff import word_diff
from storage.templates import TemplateStore

MOST_LISTED: Final = 12
MOST_BUTTONS: Final = 4
NONE_YET: Final = (
    "No template yet. In a thread, `templates save NAME` keeps its newest prompt as one."
)


@dataclass(slots=True)
class TemplateShelf:
    """Answers and carries out lines about templates, and fills prompts from them."""

    store: TemplateStore
    targets: Targets
    permissions: Permissions
    lines: tuple[type[ShelfLine], ...] = (Templates,)

    async def answer(self, command: ShelfLine, _said: Said) -> Answer:
        """Answer a line that changes nothing.

        Raises:
            NotFoundError: There is no such template, or no such version.
        """
        asked = cast("Templates", command)
        match asked.action:
            case "show":
                return await self._shown(asked)
            case "diff":
                return await self._differences(asked)
            case _:
                found = await self.store.find(asked.words, most=MOST_LISTED)
                return _listed(found, asked.words)

    async def change(self, event: Event, command: ShelfLine) -> Answer:
        """Carry out a line that changes the library.

        Raises:
            ForbiddenError: A guest or a bot says it.
            CommandError: Its slots do not fit together.
            NotFoundError: There is no such template, or no such run.
        """
        asked = cast("Templates", command)
        await self.permissions.check_member(event.person)
        name = asked.name or ""
        if asked.action in ("retire", "restore"):
            back = asked.action == "restore"
            await self.store.retire(name, event.person, event.key, back=back)
            return Answer(
                text=f"{name} is {'back in use' if back else 'retired; its versions stay'}."
            )
        segments, flags = await self._written(event, asked)
        made, is_new = await self.store.save(name, segments, flags, event.person, event.key)
        said = f"Kept as {made.named}" if is_new else f"{made.named} says the same already"
        return _one(made, f"{said}: imagine --template {name}{_needed(made)}")

    async def resolved(self, _event: Event, made: Made) -> Made:
        """Return a line with the words of the templates that it names.

        Raises:
            CommandError: A slot is missing, unknown or wrongly filled.
            NotFoundError: There is no such template.
        """
        if isinstance(made, Imagine):
            return await self._begun(made)
        if isinstance(made, Edit | Branch | Use):
            return await self._edited(made)
        return made

    async def _begun(self, made: Imagine) -> Imagine:
        flags, base, use = made.flags, Segments(), None
        if flags.template:
            found = await self._filled(flags.template)
            base, use = found.segments, found.use
            flags = _over(await self.store.named(found.use.name, found.use.version), flags)
        segments, pieces = await self._with_pieces(made.segments)
        whole = {name: _joined(base[name], segments[name]) for name in SEGMENTS}
        update = {"template_use": use, "pieces": pieces}
        return made.model_copy(
            update={"segments": Segments(**whole), "flags": flags.model_copy(update=update)}
        )

    async def _edited(self, made: Edit | Branch | Use) -> Edit | Branch | Use:
        edits: list[SegmentEdit] = []
        pieces: list[TemplateUse] = []
        for edit in made.edits:
            asked = as_piece(edit.text)
            if asked is None:
                edits.append(edit)
                continue
            found = await self._filled(asked, edit.segment)
            pieces.append(found.use)
            edits.append(edit.model_copy(update={"text": found.segments[edit.segment].text}))
        if not pieces:
            return made
        flags = made.flags.model_copy(update={"pieces": tuple(pieces)})
        return made.model_copy(update={"edits": tuple(edits), "flags": flags})

    async def _with_pieces(self, segments: Segments) -> tuple[Segments, tuple[TemplateUse, ...]]:
        pieces: list[TemplateUse] = []
        for name in SEGMENTS:
            asked = as_piece(segments[name].text)
            if asked:
                found = await self._filled(asked, name)
                text = found.segments[name].text
                words = segments[name].model_copy(update={"text": text})
                segments = segments.with_segment(name, words)
                pieces.append(found.use)
        return segments, tuple(pieces)

    async def _filled(self, asked: TemplateAsked, segment: SegmentName | None = None) -> Filled:
        wanted = [(asked.name, asked.version)]
        return filled(asked, await self.store.with_all(wanted, included), segment)

    async def _written(self, event: Event, asked: Templates) -> tuple[Segments, Flags]:
        if asked.action == "add" and asked.segments:
            segments, flags = asked.segments, asked.flags
        else:
            run = await self.targets.of(asked.run, said_again(event))
            segments, flags = _of_run(run, asked)
        texts = [segments[name].text for name in SEGMENTS]
        slots_of(texts)
        names = Template(name=asked.name or "", version=1, segments=segments, by="")
        wanted = [(one.partition("@")[0], _number(one)) for one in included(names)]
        await self.store.with_all(wanted, included)  # what it takes words from is there
        return segments, flags

    async def _shown(self, asked: Templates) -> Answer:
        found = await self.store.versions(asked.name or "")
        one = await self.store.named(asked.name or "", asked.version)
        lines = [f"{made.named}{_by(made)} · {_used(usage)}" for made, usage in found]
        text = "\n".join([f"{one.named}: {line_of(one)}", *_slots(one), "", *lines])
        data = {"template": record(one), "versions": [record(*each) for each in found]}
        return _one(one, text, data)

    async def _differences(self, asked: Templates) -> Answer:
        versions = {one.version: one for one, _ in await self.store.versions(asked.name or "")}
        numbers = sorted(versions)
        newer = asked.other or (numbers[-1] if numbers else None)
        older = asked.version or (numbers[-2] if len(numbers) > 1 else newer)
        one = await self.store.named(asked.name or "", older)
        other = await self.store.named(asked.name or "", newer)
        changed = differences(one, other)
        said = (
            "\n".join(f"{name}: {words}" for name, words in changed.items()) or "They are the same."
        )
        data = {"difference": {"older": record(one), "newer": record(other), "changed": changed}}
        return Answer(text=f"{one.named} → {other.named}\n{said}", data=data)


def differences(one: Template, other: Template) -> dict[str, str]:
    """Return what differs between two versions, by segment or flag, words marked."""
    said = {
        name: marked(word_diff(one.segments[name].text, other.segments[name].text))
        for name in SEGMENTS if one.segments[name] != other.segments[name]
    }  # fmt: skip
    before, after = (each.flags.model_dump(mode="json", include=set(KEPT)) for each in (one, other))
    flags = {
        name: f"{before[name] or '–'} → {after[name] or '–'}"
        for name in before if before[name] != after[name]
    }  # fmt: skip
    return said | flags


def line_of(one: Template) -> str:
    """Return a template as the prompt that it is."""
    said = [name for name in SEGMENTS if one.segments[name]]
    if len(said) == 1 and said != ["subject"]:
        return f"{said[0]}={one.segments[said[0]].text}"
    texts = [one.segments[name].text for name in SEGMENTS]
    return " :: ".join(texts[: SEGMENTS.index(said[-1]) + 1] if said else ())


def record(one: Template, usage: Usage | None = None) -> dict[str, Any]:
    """Return a template as ``--json`` shows it."""
    shown: dict[str, Any] = {
        "name": one.name,
        "version": one.version,
        "segments": {name: one.segments[name].text for name in SEGMENTS if one.segments[name]},
        "flags": one.flags.model_dump(mode="json", include=set(KEPT), exclude_defaults=True),
        "slots": [slot.model_dump() for slot in _slots_of(one)],
        "by": one.by or "comes with the program",
        "at": one.at.isoformat() if one.at else None,
        "retired": one.retired,
    }
    if usage is not None:
        shown |= {"runs": usage.runs, "approved": usage.approved, "approval_rate": usage.rate}
    return shown


def _slots_of(one: Template) -> list[Any]:
    return list(slots_of([one.segments[name].text for name in SEGMENTS]).values())


def _slots(one: Template) -> list[str]:
    return [
        f"  {slot.name}: " + (", ".join(slot.choices) or slot.kind)
        + (f" (without it: {slot.default})" if slot.default is not None else " (must be given)")
        for slot in _slots_of(one)
    ]  # fmt: skip


def _needed(one: Template) -> str:
    return "".join(f" {slot.name}=…" for slot in _slots_of(one) if slot.default is None)


def _listed(found: Sequence[Held], words: str) -> Answer:
    data = {
        "templates": [
            record(one.template, one.usage) | {"versions": one.versions, "shadows": one.shadows}
            for one in found
        ]
    }
    if not found:
        said = f"No template holds {words!r}." if words else NONE_YET
        return Answer(text=said, data=data)
    lines = [
        f"{made.named}{_by(made)} · {_used(one.usage)}: {line_of(made)[:120]}"
        for one in found
        for made in (one.template,)
    ]
    buttons = tuple(
        Button(label=one.template.name, line=f"templates show {one.template.name}")
        for one in found[:MOST_BUTTONS]
    )  # fmt: skip
    text = "\n".join(lines)
    return Answer(text=text, data=data, panels=(Panel(text=text, buttons=buttons),))


def _one(one: Template, text: str, data: dict[str, Any] | None = None) -> Answer:
    return Answer(text=text, data=data or {"template": record(one)})


def _by(one: Template) -> str:
    return f" by {one.by}" if one.by else ""


def _used(usage: Usage) -> str:
    if not usage.runs:
        return "not used yet"
    runs = "1 run" if usage.runs == 1 else f"{usage.runs} runs"
    return f"{runs}, {usage.rate:.0%} approved"


def _over(template: Template, flags: Flags) -> Flags:
    """Return a line's flags over those of a template."""
    plain = Flags()
    kept = {
        name: getattr(template.flags, name) for name in KEPT
        if getattr(flags, name) == getattr(plain, name)
    }  # fmt: skip
    return flags.model_copy(update=kept)


def _joined(base: Segment, said: Segment) -> Segment:
    """Return what a line says instead of a template's words, or with ``+`` beside them."""
    if not said:
        return base
    if said.text.startswith("+ ") and base:
        return base.model_copy(update={"text": f"{base.text}, {said.text[2:].strip()}"})
    return said


def _of_run(run: Run, asked: Templates) -> tuple[Segments, Flags]:
    """Return a run's prompt as a template: whole, or one segment of it."""
    segments = run.spec.segments
    if asked.only:
        if not segments[asked.only]:
            raise CommandError(f"{run.ref} says nothing for {asked.only}")
        alone = with_slots(Segments().with_segment(asked.only, segments[asked.only]), asked.slots)
        return alone, Flags()
    spec = run.spec
    kept = {name: getattr(spec, name) for name in KEPT if name not in ("models", "count")}
    return with_slots(segments, asked.slots), Flags(**kept)


def _number(named: str) -> int | None:
    _, _, version = named.partition("@")
    return int(version) if version else None
