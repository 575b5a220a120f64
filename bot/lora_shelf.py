"""The shelf of LoRA: names become weights that a model of the right family can load."""

from typing import Final

from bot.answers import Answer, Said
from bot.intake import Intake
from bot.libraries import Made
from bot.permissions import Permissions
from domain.bundle import Item, LoRAItem, Loras
from domain.errors import CommandError, Fault, NotFoundError
from domain.event import Event
from domain.shelf import ShelfLine
from domain.spec import LoRA
from storage.items import Items
from storage.rows import person_key

NONE_YET: Final = (
    'No LoRA yet. loras add mara family=sdxl trigger="mara woman" weight=0.8 replicate=URL'
)


class LoRAShelf:
    """Answers and changes lines about LoRA, and looks up those that lines name."""

    lines: tuple[type[ShelfLine], ...] = (Loras,)

    def __init__(self, items: Items, permissions: Permissions, intake: Intake) -> None:
        self._items = items
        self._permissions = permissions
        self._intake = intake

    async def answer(self, command: ShelfLine, _said: Said) -> Answer:
        """List them, or show one.

        Raises:
            NotFoundError: There is no such LoRA.
        """
        name = command.name if isinstance(command, Loras) else None
        if name:
            versions = await self._versions(name)
            data = record(versions[0]) | {"versions": [record(one) for one in versions]}
            return Answer(text=told(versions[0]), data=data)
        found = await self._items.newest("lora")
        text = "\n".join(told(one) for one in found if not one.retired_by)
        return Answer(text=text or NONE_YET, data={"loras": [record(one) for one in found]})

    async def change(self, event: Event, command: ShelfLine) -> Answer:
        """Add one, or a new version of it; or retire it.

        Raises:
            CommandError: It lacks something.
            ForbiddenError: This person may not.
            NotFoundError: There is no such LoRA.
        """
        if not isinstance(command, Loras) or command.name is None:
            raise CommandError("loras needs a name")
        await self._permissions.check_member(event.person)
        if command.action == "retire":
            return await self._retire(event, command.name)
        item = command.item
        if item is None or not item.places:
            fault = Fault("loras add", "", "needs family=… and a place: replicate=URL")
            raise CommandError(str(fault), faults=(fault,))
        pictures = await self._intake.pictures(command.flags, event)
        if pictures:
            item = item.model_copy(update={"sample": next(iter(pictures.values()))})
        saved = await self._items.save("lora", command.name, item, event)
        return Answer(text=f"Kept. {told(saved)}", data=record(saved))

    async def resolved(self, _event: Event, made: Made) -> Made:
        """Put what the library says of a LoRA in the place of its name.

        What is in no library is the name under which a model's host knows it.

        Raises:
            CommandError: One of them is retired.
        """
        if not made.flags.loras:
            return made
        known = {one.name: one for one in await self._items.newest("lora")}
        loras = tuple(_looked_up(one, known.get(one.name)) for one in made.flags.loras)
        flags = made.flags.model_copy(update={"loras": loras})
        return made.model_copy(update={"flags": flags})

    async def _retire(self, event: Event, name: str) -> Answer:
        versions = await self._versions(name)
        if await self._items.owner("lora", name) != person_key(event.person):
            await self._permissions.check_admin(event.person)
        await self._items.retire("lora", name, event.person.name)
        return Answer(text=f"{name} is retired: new runs cannot take it.", data=record(versions[0]))

    async def _versions(self, name: str) -> list[Item]:
        versions = await self._items.versions("lora", name)
        if not versions:
            raise NotFoundError(f"no LoRA {name!r}", hint="`loras` lists them.")
        return versions


def _looked_up(asked: LoRA, item: Item | None) -> LoRA:
    if item is None or item.lora is None:
        return asked
    if item.retired_by:
        fault = Fault("--lora", asked.name, f"retired by {item.retired_by}; `loras` lists others")
        raise CommandError(str(fault), faults=(fault,))
    held: LoRAItem = item.lora
    return LoRA(
        name=asked.name,
        weight=held.weight if asked.weight is None else asked.weight,
        family=held.family,
        trigger=held.trigger,
        speaks_in=held.speaks_in,
        places=held.places,
    )


def told(item: Item) -> str:
    """Say one in a line."""
    held = item.lora or LoRAItem(family="-")
    parts = [f"{item.name}@{item.version}: for {held.family}"]
    parts += [f"says “{held.trigger}” in the {held.speaks_in}"] if held.trigger else []
    parts += [] if held.weight is None else [f"weight {held.weight:g}"]
    parts += [f"{provider}: {place}" for provider, place in held.places.items()]
    parts += [f"licence {held.licence}"] if held.licence else ["licence not said"]
    parts += [f"retired by {item.retired_by}"] if item.retired_by else []
    return " · ".join((*parts, f"by {item.by}"))


def record(item: Item) -> dict[str, object]:
    """Return one as ``--json`` shows it."""
    shown = item.model_dump(mode="json", exclude={"lora", "bundle"})
    held = item.lora or item.bundle
    return shown | (held.model_dump(mode="json") if held else {})
