"""Who may do what, looked up when it is done, from what is stored and never from a button."""

from collections.abc import Mapping
from typing import Final

from domain.errors import ForbiddenError, SurfaceError
from domain.event import Person
from domain.policy import ApprovalPolicy
from domain.run import Run
from domain.surface import (
    Directory,
    Standing,
)
from storage.approvers import Approver, Approvers
from storage.opinions import assurance_of
from storage.rows import person_key

NOBODY: Final = Standing(full=False)


class Permissions:
    """Asks the settings, the log and the platform, each time anew."""

    def __init__(
        self, policy: ApprovalPolicy, approvers: Approvers, directories: Mapping[str, Directory]
    ) -> None:
        self._policy = policy
        self._approvers = approvers
        self._directories = directories

    async def named(self) -> list[Approver]:
        """Return everyone whose word counts, those of the settings first; empty: every member."""
        stored = await self._approvers.all()
        labels = {one.entry: one.label for one in stored}
        own = [Approver(entry, labels.pop(entry, entry)) for entry in self._policy.approvers]
        return own + [one for one in stored if one.entry in labels]

    async def check_decide(self, person: Person, run: Run) -> None:
        """Allow decisions to those whose word counts.

        Raises:
            ForbiddenError: It is their own work and that is not allowed, they are a guest or a bot,
                approvers are named and they are none, or the platform does not tell.
        """
        if not self._policy.own_work and person_key(person) == person_key(run.person):
            raise ForbiddenError(f"{run.ref} is your own", hint="Here somebody else decides on it.")
        named = frozenset(one.entry for one in await self.named())
        if assurance_of(person) == "local":
            self._check_typed(named)
            return
        standing = await self._standing(person, _groups(named, person))
        if named:
            self._check_named(person, standing, named)
        elif not standing.full:
            raise ForbiddenError(
                f"{person.name} is not a full member here",
                hint="Guests and bots do not decide; an admin can name approvers.",
            )

    def _check_typed(self, named: frozenset[str]) -> None:
        if named and not self._policy.console_may_approve:
            raise ForbiddenError(
                "approvers are named, and a name on the console is only typed",
                hint="Decide in chat, or set approvals.console_may_approve.",
            )

    def _check_named(self, person: Person, standing: Standing, named: frozenset[str]) -> None:
        where = f"{person.surface}:{person.workspace}"
        mine = {person_key(person), *(f"{where}:{group}" for group in standing.groups)}
        if not mine & named:
            raise ForbiddenError(
                f"{person.name} is not an approver", hint="`approvers` says who they are."
            )

    async def check_member(self, person: Person) -> None:
        """Allow what full members do: change the team's libraries.

        Raises:
            ForbiddenError: They are a guest or a bot, or the platform does not tell.
        """
        if assurance_of(person) == "local":
            return
        if not (await self._standing(person, frozenset())).full:
            raise ForbiddenError(
                f"{person.name} is not a full member here",
                hint="Guests and bots use the team's libraries, and do not change them.",
            )

    async def check_route(self, person: Person) -> None:
        """Allow who may choose models for a channel: admins, and typed names while they count.

        Raises:
            ForbiddenError: They may not.
        """
        named = self._policy.admins or self._policy.approvers
        if assurance_of(person) == "local" and (self._policy.console_may_approve or not named):
            return
        await self.check_admin(person)

    async def check_admin(self, person: Person) -> None:
        """Allow what only admins do: those of the settings, else those of the platform.

        Raises:
            ForbiddenError: They are none.
        """
        if assurance_of(person) == "local":
            raise ForbiddenError(
                "a name on the console is only typed",
                hint="Say it in Slack or Discord, or name approvers in the settings file.",
            )
        if not await self.is_admin(person):
            whom = "an admin named in the settings" if self._policy.admins else _WHO[person.surface]
            raise ForbiddenError(f"{person.name} may not change that", hint=f"Ask {whom}.")

    async def is_admin(self, person: Person) -> bool:
        """Tell whether someone is an admin, at this moment."""
        if assurance_of(person) == "local":
            return False
        if self._policy.admins:
            return person_key(person) in self._policy.admins
        return (await self._standing(person, frozenset())).admin

    async def check_own(self, person: Person, run: Run, *, what: str) -> None:
        """Allow people their own runs, and admins all of them.

        Raises:
            ForbiddenError: The run is someone else's.
        """
        if person_key(person) == person_key(run.person) or await self.is_admin(person):
            return
        raise ForbiddenError(
            f"{run.ref} was asked for by {run.person.name}",
            hint=f"Only {run.person.name} or an admin can {what} it.",
        )

    async def _standing(self, person: Person, groups: frozenset[str]) -> Standing:
        directory = self._directories.get(person.surface)
        if directory is None:
            return NOBODY  # closed: who someone is cannot be known
        try:
            return await directory.standing(person, groups)
        except SurfaceError as error:
            raise ForbiddenError(
                f"{person.surface} does not say who you are just now",
                hint="Nothing was changed. Try it again in a minute.",
            ) from error


_WHO: Final = {
    "slack": "an owner or admin of the workspace",
    "discord": "someone who may manage the server",
}


def _groups(named: frozenset[str], person: Person) -> frozenset[str]:
    """Return the groups of this workspace that are named."""
    where = f"{person.surface}:{person.workspace}:"
    inside = (entry.removeprefix(where) for entry in named if entry.startswith(where))
    return frozenset(entry for entry in inside if entry.startswith(("group:", "role:")))
