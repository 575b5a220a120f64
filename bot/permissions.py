"""Who may do what, looked up when it is done, from what is stored and never from a button."""

from domain.command import Person
from domain.errors import ForbiddenError
from domain.policy import ApprovalPolicy
from domain.run import Run
from storage.opinions import assurance_of
from storage.rows import person_key


def check_decide(person: Person, policy: ApprovalPolicy) -> None:
    """Allow decisions to those whose word counts.

    Raises:
        ForbiddenError: Approvers are named, and this is none of them.
    """
    assurance = assurance_of(person)
    if policy.counts(person_key(person), assurance):
        return
    if assurance == "local":
        raise ForbiddenError(
            "approvers are named, and a name on the console is only typed",
            hint="Decide in chat, or set approvals.console_may_approve.",
        )
    raise ForbiddenError(f"{person.name} is not an approver", hint="Ask one of the approvers.")


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
