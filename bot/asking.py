"""Lines that only ask: help, queue, status, review, earlier runs, limits. They change nothing."""

from dataclasses import dataclass, field
from typing import Final, get_args

from bot.answers import Answer, Said
from bot.cards import Cards
from bot.checking import Checking
from bot.descending import Descending
from bot.digesting import Digesting
from bot.grammar import help_text
from bot.judged import said as said_of
from bot.judging import Judging
from bot.permissions import Permissions
from bot.ranking import blind_line, blind_record
from bot.reviewing import Reviewing
from bot.targets import Targets
from domain.card import Panel
from domain.command import (
    Blind,
    Checklist,
    Compare,
    Details,
    History,
    Ranking,
    Show,
    Status,
)
from domain.errors import ConflictError
from domain.policy import ApprovalPolicy
from domain.ports import Clock
from domain.questions import Approvers, Digest, Find, Help, Info, Queue, Review
from domain.run import Run
from pipeline.replay import baseline_line, compare
from pipeline.tiles import alt_text
from storage.gallery import Gallery
from storage.limits import Limits
from storage.rows import person_key
from storage.search import Search
from storage.verdicts import Verdicts

Asked = Help | History | Checklist | Compare | Details | Queue | Status
Question = Digest | Asked | Ranking | Blind | Review | Show | Find | Info | Approvers
QUESTIONS: Final = get_args(Question)
MOST_FOUND: Final = 10
MOST_QUEUED: Final = 20
DETAIL_CHARS: Final = 1600
MOST_CHARS: Final = 2500


@dataclass(frozen=True, slots=True)
class Asking:
    """Answers from the log, for every surface alike."""

    cards: Cards
    search: Search
    gallery: Gallery
    reviewing: Reviewing
    digesting: Digesting
    verdicts: Verdicts
    targets: Targets
    permissions: Permissions
    clock: Clock
    policy: ApprovalPolicy
    descending: Descending
    checking: Checking
    judging: Judging
    limits: Limits = field(default_factory=Limits)

    async def answer(  # noqa: C901, PLR0911, PLR0912  a line for each question
        self, command: Question, said: Said
    ) -> Answer:
        """Answer one question.

        Raises:
            NotFoundError: The run that it is about is not there.
        """
        match command:
            case Help():
                return Answer(text=help_text(command.topic))
            case Queue():
                return Answer(text=await self._queue(said))
            case Review():
                return await self.reviewing.answer(command, said)
            case Digest():
                return await self.digesting.answer(said.place)
            case Find():
                return Answer(text=await self._found(command.words))
            case Info():
                return Answer(text=await self._info(said))
            case Approvers():
                return Answer(text=await self.approvers())
            case Compare():
                return await self._compare(command, said)
            case Checklist():
                return await self.checking.answer(await self.targets.of(command.run, said))
            case Ranking():
                return await self.judging.ranking(await self._any(command.run, said))
            case Blind():  # that somebody looks is kept, and it changes no run
                return await self.judging.answer(command, said)
            case History():
                return await self.descending.answer(await self.targets.of(command.run, said))
            case Details() | Show() | Status():
                run = await self.targets.of(command.run, said, whole=True)
                return await self._about(command, run)

    async def _any(self, name: str | None, said: Said) -> Run:
        return await self.targets.of(name, said, whole=True)

    async def approvers(self) -> str:
        """Say who may approve, and how many are needed."""
        named = await self.permissions.named()
        many = "One approval" if self.policy.quorum == 1 else f"{self.policy.quorum} people"
        needed = f"{many} {'is' if self.policy.quorum == 1 else 'are'} needed."
        if not named:
            return (
                f"Every full member may approve, guests and bots may not. {needed}\n"
                "An admin names approvers with: approvers add @name"
            )
        listed = "\n".join(f"• {one.label}" for one in named)
        return f"These may approve:\n{listed}\n{needed}"

    async def _about(self, command: Details | Show | Status, run: Run) -> Answer:
        family = not (command.run or run.alone)
        card = await (self.cards.family(run.family or "") if family else self.cards.card(run))
        state = card.status or card.error or run.state
        if isinstance(command, Status):
            return Answer(run=run, text=f"{run.ref}: {state} · {' · '.join(card.facts)}")
        text = f"{_line(run)}\n{state}"
        if isinstance(command, Details):
            why = said_of(run, await self.verdicts.explained(run.id))
            text = "\n".join([_details(run), *why])[:MOST_CHARS]
        panel = Panel(text=text, picture=card.grid, alt=alt_text(run), buttons=card.buttons)
        if isinstance(command, Details):  # the console and the command line show it in full
            return Answer(run=run, panels=(panel.model_copy(update={"picture": None}),))
        return Answer(run=run, text=text, panels=(panel,))

    async def _queue(self, said: Said) -> str:
        runs = await self.search.under_way(limit=MOST_QUEUED + 1)
        by_hand = await self.search.handed_over(limit=MOST_QUEUED + 1)
        if not runs and not by_hand:
            return "Nothing runs, and nothing waits."
        mine = person_key(said.person)
        lines = []
        ahead = 0
        for run in (*runs[:MOST_QUEUED], *by_hand[:MOST_QUEUED]):
            ahead += run.state == "queued"
            place = {"queued": f"{ahead}.", "handed": "by hand"}.get(run.state, "now")
            yours = " (yours)" if person_key(run.person) == mine else ""
            lines.append(f"{place} {_line(run)}{yours}")
        more = ["…"] if max(len(runs), len(by_hand)) > MOST_QUEUED else []
        return "\n".join([*lines, *more])

    async def _found(self, words: str) -> str:
        runs = await self.search.recent(query=words, limit=MOST_FOUND)
        if not runs:
            return f"Nothing holds {words!r}."
        lines = [f"{_line(run)} · {run.created_at:%Y-%m-%d} · {run.id}" for run in runs]
        return "\n".join([*lines, "`show ID` brings one here."])

    async def _info(self, said: Said) -> str:
        day = f"{self.clock.now():%Y-%m-%d}"
        waiting, used = await self.search.allowance(person_key(said.person), day)
        limit = self.limits
        return (
            f"{waiting} of your {limit.waiting_per_person} places in the queue are taken.\n"
            f"${used:.2f} of the team's ${limit.max_usd_per_day:.2f} are used today; "
            "the count starts anew at midnight UTC."
        )

    async def _compare(self, command: Compare, said: Said) -> Answer:
        run = await self.targets.of(command.run, said)
        other_id = command.other or run.baseline
        if other_id is None:
            raise ConflictError(
                f"{run.ref} is the baseline itself", hint="Name another: compare r1 --in r2"
            )
        other = await self.targets.of(other_id, said.about(run.id))
        wins = await self.judging.blinds.wins(run.id, other.id)
        data = compare(run, other) | {"blind_wins": blind_record(*wins)}
        text = "\n".join(filter(None, (_compared(run, other), blind_line(*wins, run.ref))))
        return Answer(run=run, text=text, data=data)


def _line(run: Run) -> str:
    brief = run.spec.scored_brief or run.spec.segments.style.text or "a picture"
    short = brief if len(brief) <= 80 else f"{brief[:77]}…"  # noqa: PLR2004  a line of a list
    return f"{run.ref} · {run.person.name} · {short}"


def _compared(run: Run, other: Run) -> str:
    lines = [baseline_line(run, other)]
    for one, name in ((other, other.ref), (run, run.ref)):
        lines.append(f"{name}: {_line(one).partition(' · ')[2]}")
    return "\n".join(lines)


def _details(run: Run) -> str:
    """Return every parameter of a run, as it was sent."""
    sent = run.parameters.model_dump(mode="json", exclude_none=True)
    lines = [f"{run.ref} · {run.id}", f"model: {run.route.model} ({run.route.reason})"]
    lines += [f"{name}: {value}" for name, value in sent.items() if value not in ("", [], {})]
    lines.append(f"seeds: {', '.join(map(str, run.seeds))}")
    if run.error:
        lines.append(f"error: {run.error.message}")
    return "\n".join(lines)[:DETAIL_CHARS]
