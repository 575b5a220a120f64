"""The shelf of house styles and of characters: one name for words, pictures, weights and a seed."""

from collections.abc import Sequence
from typing import Final, Literal

from bot.answers import Answer, Said, said_again
from bot.intake import Intake
from bot.libraries import Made
from bot.lora_shelf import record
from bot.permissions import Permissions
from bot.targets import Targets
from domain.asked import ControlAsked, ReferenceAsked
from domain.bundle import MAX_PHRASE, Bundle, Characters, Houses, Item
from domain.errors import CommandError, Fault, NotFoundError
from domain.event import Event
from domain.flags import NO_FLAGS, Flags
from domain.record import Seed
from domain.run import Run
from domain.shelf import ShelfLine
from domain.spec import BundleUse, Dimension, LoRA
from pipeline.bundled import WHERE
from storage.items import Items
from storage.rows import person_key

Kind = Literal["house", "character"]
LOOKS: Final[dict[Kind, Dimension]] = {"house": "style", "character": "subject"}
"""What an artwork that becomes a reference is looked at for."""
FROM_A_RUN: Final = 3
"""How many artworks of a run become references, where it went by none itself."""


class BundleShelf:
    """Keeps bundles of one kind, and puts them into lines that name one."""

    def __init__(
        self, kind: Kind, items: Items, permissions: Permissions, intake: Intake, targets: Targets
    ) -> None:
        self.kind: Kind = kind
        self.lines: tuple[type[ShelfLine], ...] = (Houses if kind == "house" else Characters,)
        self._items = items
        self._permissions = permissions
        self._intake = intake
        self._targets = targets

    async def answer(self, command: ShelfLine, _said: Said) -> Answer:
        """List them, or show one with its versions.

        Raises:
            NotFoundError: There is no such bundle.
        """
        if name := _line(command).name:
            item, versions = await self._named(name)
            text = "\n".join((told(item), *_others(item, versions)))
            return Answer(text=text, data=record(item) | {"versions": list(map(record, versions))})
        found = await self._items.newest(self.kind)
        used = "\n".join(told(one) for one in found if not one.retired_by)
        none = f"No {self.kind} yet. {self.kind}s save NAME, in the thread of a run that has it."
        return Answer(text=used or none, data={f"{self.kind}s": list(map(record, found))})

    async def change(self, event: Event, command: ShelfLine) -> Answer:
        """Save a version of a bundle, or retire it.

        Raises:
            CommandError: It would hold nothing, or its name is none.
            ForbiddenError: This person may not.
            NotFoundError: There is no such run, or no such bundle.
        """
        line = _line(command)
        await self._permissions.check_member(event.person)
        name = line.name or ""
        if not name or "@" in name:
            fault = Fault(f"{self.kind}s {line.action}", name, "a name alone: noir")
            raise CommandError(str(fault), faults=(fault,))
        if line.action == "retire":
            return await self._retire(event, name)
        bundle = await self._bundle(event, line)
        if bundle == Bundle():
            raise CommandError(
                f"the {self.kind} {name} would hold nothing",
                hint=f"Say what it holds: {self.kind}s save {name} WORDS --ref IMAGE:style.",
            )
        saved = await self._items.save(self.kind, name, bundle, event)
        return Answer(text=f"Kept. {told(saved)}", data=record(saved))

    async def resolved(self, _event: Event, made: Made) -> Made:
        """Lay a line's flags over what the bundle holds that it names.

        Raises:
            CommandError: It is retired.
            NotFoundError: There is no such bundle, or no such version.
        """
        name = made.flags.house if self.kind == "house" else made.flags.character
        if not name:
            return made
        item, _ = await self._named(name)
        if item.retired_by:
            what = f"retired by {item.retired_by}; `{self.kind}s` lists others"
            fault = Fault(f"--{self.kind}", name, what)
            raise CommandError(str(fault), faults=(fault,))
        return made.model_copy(update={"flags": laid_over(self.kind, item, made.flags)})

    async def _bundle(self, event: Event, line: Houses | Characters) -> Bundle:
        """Return what a line makes a bundle of: a run, what the line says itself, or both."""
        said = bool(line.phrase) or line.flags != NO_FLAGS
        base = Bundle()
        if line.run or not said:
            run = await self._targets.of(line.run, said_again(event))
            base = of_run(self.kind, run)
        flags = line.flags.renamed(await self._intake.pictures(line.flags, event))
        own: dict[str, object] = {
            "phrase": line.phrase,
            "references": flags.references,
            "loras": flags.loras,
            "no": flags.no,
            "pose": next(iter(flags.controls), None),
            "seed": flags.seed if isinstance(flags.seed, int) else None,
        }
        given = {name: value for name, value in own.items() if value not in (None, (), "")}
        return base.model_copy(update=given)

    async def _retire(self, event: Event, name: str) -> Answer:
        item, _ = await self._named(name)
        if await self._items.owner(self.kind, name) != person_key(event.person):
            await self._permissions.check_admin(event.person)
        await self._items.retire(self.kind, name, event.person.name)
        text = f"{name} is retired: new runs cannot take it; those that have it keep it."
        return Answer(text=text, data=record(item))

    async def _named(self, name: str) -> tuple[Item, list[Item]]:
        plain, _, version = name.partition("@")
        versions = await self._items.versions(self.kind, plain)
        if not versions:
            known = ", ".join(one.name for one in await self._items.newest(self.kind))
            hint = f"There are: {known}." if known else f"`{self.kind}s save {plain}` keeps one."
            raise NotFoundError(f"no {self.kind} {plain!r}", hint=hint)
        found = [one for one in versions if not version or one.version == int(version)]
        if not found:
            raise NotFoundError(
                f"{plain} has no version {version}", hint=f"It has 1 to {versions[0].version}."
            )
        return found[0], versions


def bundle_shelves(
    items: Items, permissions: Permissions, intake: Intake, targets: Targets
) -> tuple[BundleShelf, ...]:
    """Return the shelves of house styles and of characters."""
    kinds: tuple[Kind, ...] = ("house", "character")
    return tuple(BundleShelf(kind, items, permissions, intake, targets) for kind in kinds)


def _line(command: ShelfLine) -> Houses | Characters:
    if not isinstance(command, Houses | Characters):
        raise TypeError(f"no line about bundles: {command!r}")
    return command


def of_run(kind: Kind, run: Run) -> Bundle:
    """Return what a run has that a bundle can hold."""
    spec = run.spec
    references = tuple(
        ReferenceAsked(image=one.image, dimension=one.dimension, weight=one.weight)
        for one in spec.references
    )
    negative = tuple(part.strip() for part in spec.segments.negative.text.split(","))
    pose = next((one for one in spec.controls if one.kind == "pose"), None)
    return Bundle(
        phrase=spec.segments.style.text[:MAX_PHRASE] if kind == "house" else "",
        references=references or _artworks(kind, run),
        loras=tuple(LoRA(name=one.name, weight=one.weight) for one in spec.loras),
        no=tuple(part[:MAX_PHRASE] for part in negative if part),
        pose=ControlAsked(**pose.model_dump()) if pose else None,
        seed=spec.seed.seed if kind == "character" and spec.seed.kind == "fixed" else None,
    )


def _artworks(kind: Kind, run: Run) -> tuple[ReferenceAsked, ...]:
    """Return the artworks that people approved, else those that they picked, as references."""
    approved = [one for one in run.artworks if one.approved]
    chosen = approved or [one for one in run.artworks if one.picked_by]
    return tuple(
        ReferenceAsked(image=one.digest, dimension=LOOKS[kind]) for one in chosen[:FROM_A_RUN]
    )


def laid_over(kind: Kind, item: Item, flags: Flags) -> Flags:
    """Return flags with what a bundle holds; where both say something, the line's own counts."""
    held = item.bundle or Bundle()
    own_images = {one.image for one in flags.references}
    own_loras = {one.name for one in flags.loras}
    kinds = {one.kind for one in flags.controls}
    pose = () if held.pose is None or held.pose.kind in kinds else (held.pose,)
    use = BundleUse(
        name=item.name,
        version=item.version,
        phrase=held.phrase,
        references=tuple(one.image for one in held.references if one.image.startswith("sha256:")),
    )
    seed: Seed | Literal["keep", "random"] | None = held.seed if flags.seed is None else flags.seed
    return flags.model_copy(
        update={
            f"{kind}_use": use,
            "references": (
                *flags.references,
                *(one for one in held.references if one.image not in own_images),
            ),
            "loras": (*flags.loras, *(one for one in held.loras if one.name not in own_loras)),
            "no": (*flags.no, *(one for one in held.no if one not in flags.no)),
            "controls": (*flags.controls, *pose),
            "seed": seed,
        }
    )


def told(item: Item) -> str:
    """Say a bundle in a line."""
    held = item.bundle or Bundle()
    where = WHERE["house" if item.kind == "house" else "character"]
    parts = [f"{where}: {held.phrase}"] if held.phrase else []
    parts += [_many(len(held.references))] if held.references else []
    parts += [f"LoRA {one.name}" for one in held.loras]
    parts += [f"without {', '.join(held.no)}"] if held.no else []
    parts += [f"held by a {held.pose.kind}"] if held.pose else []
    parts += [f"seed {held.seed}"] if held.seed is not None else []
    parts += [f"retired by {item.retired_by}"] if item.retired_by else []
    return f"{item.name}@{item.version}: {' · '.join((*parts, f'by {item.by}'))}"


def _many(references: int) -> str:
    return "1 reference" if references == 1 else f"{references} references"


def _others(item: Item, versions: Sequence[Item]) -> list[str]:
    return [told(one) for one in versions if one.version != item.version]
