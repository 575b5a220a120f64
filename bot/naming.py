"""Approvers, named in chat: only admins do, and only people and groups of their own workspace."""

from bot.permissions import Permissions
from domain.errors import CommandError, Fault, NotFoundError
from domain.event import Event
from domain.questions import Approvers
from storage.approvers import Approvers as Store


class Naming:
    """Changes the list of approvers."""

    def __init__(self, store: Store, permissions: Permissions) -> None:
        self._store = store
        self._permissions = permissions

    async def change(self, event: Event, command: Approvers) -> None:
        """Add or remove those who are named.

        Raises:
            ForbiddenError: Whoever says it is no admin.
            CommandError: Someone of another workspace is named.
            NotFoundError: Someone to be removed is not on the list.
        """
        await self._permissions.check_admin(event.person)
        where = f"{event.person.surface}:{event.person.workspace}:"
        faults = tuple(
            Fault("approvers", one, "is nobody of this workspace")
            for one in command.who
            if not one.startswith(where)
        )
        if faults:
            raise CommandError("; ".join(map(str, faults)), faults=faults)
        for one in command.who:
            await self._change(command, one, event)

    async def _change(self, command: Approvers, entry: str, event: Event) -> None:
        label = event.names.get(entry, entry)
        if command.action == "add":
            await self._store.add(entry, label, event.person.name)
        elif not await self._store.remove(entry):
            raise NotFoundError(
                f"{label} is not on the list that chat changes",
                hint="Who stands in the settings file is removed there.",
            )
