"""Several models at once: one is chosen, and may become the first choice for its task here."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.answers import Answer
from bot.permissions import Permissions
from domain.axis import Axis
from domain.command import Command, Permuted, SetRoute
from domain.errors import CommandError, ConflictError, Fault
from domain.event import Event, Place
from domain.flags import Flags
from domain.run import Run
from pipeline.produce import Office
from storage.channel_routes import ChannelRoutes
from storage.families import Families
from storage.run_log import RunLog


def axes_of(command: Command) -> tuple[Axis, ...]:
    """Return what differs between the runs that a line makes; of several models only they do."""
    if isinstance(command, Permuted):
        return command.axes
    flags: Flags | None = getattr(command, "flags", None)
    return (Axis.of_models(flags.models),) if flags and len(flags.models) > 1 else ()


@dataclass(frozen=True, slots=True)
class Choosing:
    """Chooses runs of families, and models for channels."""

    office: Office
    families: Families
    routes: ChannelRoutes
    log: RunLog
    permissions: Permissions

    async def promote(self, event: Event, run: Run) -> Answer:
        """Give a run of a family a card of its own.

        Raises:
            ConflictError: It has one already.
        """
        if run.family is None:
            raise ConflictError(f"{run.ref} has a card of its own", hint="Nothing is to choose.")
        if run.promoted_by:
            raise ConflictError(f"{run.ref} was chosen by {run.promoted_by} already")
        card = self.office.known.get(run.route.model)
        title = card.title if card else run.route.model
        text = f"{event.person.name} chose {run.ref}: {title}"
        await self.families.promote(run.id, event.person.name, event.key, text)
        return Answer(run=await self.log.run(run.id))

    async def route(self, event: Event, command: SetRoute) -> Answer:
        """Make a model the first choice for a task type in this channel, or forget that.

        Raises:
            ForbiddenError: Whoever says it is no admin.
            CommandError: There is no such model.
            ConflictError: It is the first choice already.
        """
        await self.permissions.check_route(event.person)
        if command.model is None:
            await self.routes.forget(event.place, command.task, event.key)
            return Answer(text=f"For {command.task} the team's table holds here again.")
        card = self.office.known.get(command.model)
        if card is None:
            fault = Fault("route", command.model, "no such model; `ai-handler models` lists them")
            raise CommandError(str(fault), faults=(fault,))
        chosen = await self.routes.of(event.place)
        if chosen.get(command.task) == card.id:
            raise ConflictError(f"{card.title} is the first choice for {command.task} here already")
        await self.routes.choose(event.place, command.task, card.id, event.person.name, event.key)
        return Answer(text=f"{card.title} is now the first choice for {command.task} here.")

    async def office_of(self, place: Place) -> Office:
        """Return the office with a channel's own first choices before the team's."""
        chosen = await self.routes.of(place)
        if not chosen:
            return self.office
        tasks = dict(self.office.routes.tasks)
        for task, model in chosen.items():
            tasks[task] = (model, *(one for one in tasks.get(task, ()) if one != model))
        routes = self.office.routes.model_copy(update={"tasks": tasks, "own": tuple(chosen)})
        return replace(self.office, routes=routes)

    async def together(self, run: Run) -> Sequence[Run]:
        """Return the runs that a line about a whole card means: those that stand on it."""
        if run.alone or run.id != run.family:
            return [run]
        return [one for one in (await self.families.get(run.family)).runs if not one.promoted_by]
