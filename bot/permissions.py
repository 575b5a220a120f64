"""Who may do what, looked up when it is done, from what is stored and never from a button."""

from domain.command import Person
from domain.errors import ForbiddenError
from domain.run import Run


def check_cancel(person: Person, run: Run) -> None:
    """Allow people to stop their own runs.

    Raises:
        ForbiddenError: The run is someone else's.
    """
    own = (run.person.surface, run.person.workspace, run.person.id)
    if (person.surface, person.workspace, person.id) != own:
        raise ForbiddenError(
            f"{run.ref} was asked for by {run.person.name}",
            hint=f"Only {run.person.name} can cancel it.",
        )
