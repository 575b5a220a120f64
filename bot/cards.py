"""Cards from the log: a run with what its card shows beside it."""

from collections.abc import Callable, Mapping
from typing import Final

from bot.bus import Bus
from bot.handed import handed
from domain.card import Card
from domain.model import ModelCard
from domain.policy import ApprovalPolicy
from domain.run import Run
from domain.spec import Operation
from pipeline.around import Around
from pipeline.present import present
from pipeline.present_family import present_family
from pipeline.present_text import present_text
from storage.approvers import Approvers
from storage.assignments import Assignments
from storage.families import Families
from storage.opinions import Opinions
from storage.run_log import RunLog
from storage.search import Search

ADVICE: Final = (
    "Every full member may approve until approvers are named: /imagine approvers add @name"
)


class Cards:
    """Makes cards; reads, never writes."""

    def __init__(
        self,
        log: RunLog,
        search: Search,
        bus: Bus,
        card_of: Callable[[str], ModelCard | None],
        *,
        opinions: Opinions,
        policy: ApprovalPolicy,
        approvers: Approvers,
        assignments: Assignments,
        able: Mapping[Operation, float] | None = None,
        families: Families,
        instead: Callable[[Run], ModelCard | None] = lambda _run: None,
    ) -> None:
        self._families = families
        self._instead = instead
        self.able = able or {}
        """What can be done with a finished image, and its price in USD."""
        self._opinions = opinions
        self._policy = policy
        self._approvers = approvers
        self._assignments = assignments
        self._log = log
        self._search = search
        self._bus = bus
        self._card_of = card_of

    def able_for(self, run: Run) -> Mapping[Operation, float]:
        """Return what can be done with an image of a run: what was made by hand, by hand too."""
        card = self._card_of(run.route.model)
        if card is None or card.answers != "handed":
            return self.able
        own: dict[Operation, float] = {one: 0.0 for one in card.operations if one != "make"}
        return {**self.able, **own}

    async def card(self, run: Run) -> Card:
        """Make the card of a run as it is now."""
        around = await self._around(run)
        return present_text(run, around) if run.kind == "text" else present(run, around)

    async def family(self, family_id: str) -> Card:
        """Make the card of a family as its runs are now."""
        family = await self._families.get(family_id)
        return present_family(family, {run.id: await self._around(run) for run in family.runs})

    async def drawn(self, key: str) -> Card:
        """Make the card of a planned message: ``card:RUN`` or ``family:RUN``."""
        kind, _, run_id = key.partition(":")
        if kind == "family":
            return await self.family(run_id)
        return await self.card(await self._log.run(run_id))

    async def members(self, family_id: str) -> tuple[Run, ...]:
        """Return the runs that a family's card shows."""
        return (await self._families.get(family_id)).runs

    async def first(self, run: Run) -> Card:
        """Make the card that a thread begins with: its first run's, or that run's family's."""
        whole = run.family is not None and run.id == run.root
        return await (self.family(run.id) if whole else self.card(run))

    async def _around(self, run: Run) -> Around:
        baseline = await self._log.run(run.baseline) if run.baseline else None
        parent = await self._log.run(run.parent.run) if run.parent else None
        waits = run.state == "queued"
        ahead = await self._search.waiting_before(run.id) if waits else 0
        told = handed(run) if run.state == "handed" else None
        return Around(
            card=self._card_of(run.route.model),
            baseline=baseline,
            parent_ref=parent.ref if parent else "",
            ahead=ahead,
            progress=self._bus.progress(run.id),
            previews=self._bus.previews(run.id),
            warming=self._bus.warms(run.id),
            quorum=self._policy.quorum,
            instead=self._instead(run) if run.state == "failed" else None,
            advice=await self._advice(run),
            assigned=await self._assigned(run),
            paste=told.paste if told else "",
            next=told.next if told else "",
        )

    async def _assigned(self, run: Run) -> dict[int, str]:
        found = await self._assignments.of(run.id) if run.artworks else {}
        return {number: one.name for number, one in found.items()}

    async def _advice(self, run: Run) -> str:
        """Say once, on the first card of a workspace that has an approval, who may approve."""
        approved = any(made.approvals for made in run.artworks)
        if run.place.surface == "console" or self._policy.approvers or not approved:
            return ""
        first = await self._opinions.first_approved(run.place.surface, run.place.workspace)
        if first != run.id or await self._approvers.all():
            return ""
        return ADVICE
