"""The run log: what was asked, sent and made; each write plans the run's card anew."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import func, insert, select, update
from sqlalchemy.dialects.sqlite import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.axis import Axis
from domain.errors import ConflictError, LimitError, NotFoundError
from domain.ports import (
    Clock,
    Ending,
    Judged,
)
from domain.run import ENDED, Artwork, Run
from storage import ledger
from storage.database import Database
from storage.families import all_ended, ended_line, store_family
from storage.gathering import Gathering, Shared
from storage.inbox import close_event, close_events, known_run, known_runs
from storage.limits import SLOW_S, Limits, check_limits
from storage.lookalikes import keep_look
from storage.outbox import plan_card, plan_note
from storage.reading import load_runs
from storage.rows import artwork_values, person_key, run_values
from storage.tables import ArtworkRow, OutboxRow, RunRow, ScoreRow, SpecRow
from storage.templates import remember_uses
from storage.times import text_of
from storage.verdicts import keep_judgement
from storage.words import remember_words

Enqueue = Callable[[AsyncConnection, str, str, str], Awaitable[None]]
"""``(connection, job id, run id, person key)``: put a job into the open transaction."""


KEPT: Final = 64
"""Runs that are kept as they were read; one whose revision is another is read again."""
AT_ONCE: Final = 20
"""Acceptances in one transaction: others that write are not kept waiting longer."""


@dataclass(slots=True)
class _Accepting:
    """What one line asked for, which waits to be stored, and then what became of it."""

    runs: tuple[Run, ...]
    event_key: str
    axes: tuple[Axis, ...] = ()
    stored: tuple[Run, ...] = ()
    error: LimitError | None = None


def job_id(run_id: str, attempt_round: int) -> str:
    """Return the job's name: the run's id, and behind it the round of a retry."""
    return run_id if attempt_round == 1 else f"{run_id}.{attempt_round}"


class RunLog:
    """The runs of a team, in the database that the team owns."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        *,
        enqueue: Enqueue,
        published: Callable[[str], None],
        limits: Limits,
    ) -> None:
        self._database = database
        self._clock = clock
        self._enqueue = enqueue
        self._published = published
        self._limits = limits
        self._kept: dict[str, Run] = {}
        self._reading = Shared(self._read)
        self._accepting = Gathering(self._accept_batch, at_once=AT_ONCE)

    async def accept(self, run: Run, event_key: str) -> Run:
        """Store a planned run; as ``accept_all`` does."""
        return (await self.accept_all((run,), event_key))[0]

    async def accept_all(
        self, runs: Sequence[Run], event_key: str, axes: Sequence[Axis] = ()
    ) -> tuple[Run, ...]:
        """Store what one line asked for: runs, card and jobs; a redelivery is harmless.

        What is accepted at once goes through one transaction together, each for itself: what is
        refused is refused before anything of it is written. Of several runs all are accepted, or
        none. A line that was accepted before gives its first run again.

        Raises:
            LimitError: The person has too many runs waiting, or the day's money is spent.
            StorageError: Nothing was stored.
        """
        mine = _Accepting(tuple(runs), event_key, tuple(axes))
        await self._accepting.put(mine)
        if mine.error is not None:
            raise mine.error
        for run in mine.stored:
            self._published(run.id)
        return mine.stored

    async def _accept_batch(self, batch: Sequence["_Accepting"]) -> None:
        async with self._database.write() as connection:
            known = await known_runs(connection, [one.event_key for one in batch])
            for one in batch:
                if earlier := known.get(one.event_key):
                    one.stored = tuple(await load_runs(connection, [earlier]))
                else:
                    await self._accept_one(connection, one)
                    known |= {one.event_key: one.stored[0].id} if one.stored else {}
            fresh = {one.event_key: one.runs[0].id for one in batch if one.stored is one.runs}
            await close_events(connection, fresh, "run")

    async def _accept_one(self, connection: AsyncConnection, one: "_Accepting") -> None:
        try:
            await check_limits(connection, one.runs, self._limits, self._clock.now())
        except LimitError as error:
            one.error = error
            return
        first = one.runs[0]
        if first.family is not None:
            await store_family(connection, one.runs, one.axes)
        one.runs = tuple([await self._store(connection, run) for run in one.runs])
        one.stored = one.runs
        for run in one.runs:
            if run.state == "queued":  # what is handed over waits for no job
                await self._enqueue(connection, run.id, run.id, person_key(run.person))

    async def run(self, run_id: str) -> Run:
        """Return a run.

        Raises:
            NotFoundError: There is no such run.
        """
        return await self._reading.get(run_id)

    async def _read(self, run_id: str) -> Run:
        query = select(RunRow.revision).where(RunRow.id == run_id)
        async with self._database.read() as connection:
            revision = (await connection.execute(query)).scalar_one_or_none()
            kept = self._kept.get(run_id)
            if kept is not None and kept.revision == revision:
                return kept
            found = await load_runs(connection, [run_id])
        if not found:
            raise NotFoundError(f"no run {run_id}", hint="List the runs with `ai-handler runs`.")
        return self._keep(found[0])

    def _keep(self, run: Run) -> Run:
        """Keep a run as it was read, for who asks next: each change raises its revision."""
        self._kept.pop(run.id, None)
        self._kept[run.id] = run
        while len(self._kept) > KEPT:
            del self._kept[next(iter(self._kept))]
        return run

    async def begin(self, run_id: str) -> Run:
        """Mark a waiting run as running and return it; a run that has begun is left as it is."""
        waiting = update(RunRow).where(RunRow.id == run_id, RunRow.state == "queued")
        values = {"state": "running", "stage": "generate", "started_at": self._now()}
        async with self._database.write() as connection:
            if (await connection.execute(waiting.values(values))).rowcount:
                await plan_card(connection, run_id, self._clock)
            run = (await load_runs(connection, [run_id]))[0]
        self._published(run_id)
        return run

    async def reach(self, run_id: str, stage: str) -> None:
        """Note that a running run came to a stage of the road."""
        async with self._database.write() as connection:
            running = update(RunRow).where(RunRow.id == run_id, RunRow.state == "running")
            await connection.execute(running.values(stage=stage))
            await plan_card(connection, run_id, self._clock)
        self._published(run_id)

    async def keep(self, run_id: str, artwork: Artwork) -> None:
        """Add an artwork; the same number again changes nothing."""
        row = upsert(ArtworkRow).values(artwork_values(run_id, artwork, self._now()))
        async with self._database.write() as connection:
            await connection.execute(row.on_conflict_do_nothing())
            await plan_card(connection, run_id, self._clock)
        self._published(run_id)

    async def end(self, run_id: str, ending: Ending) -> None:
        """Write verdicts, scores, grid, cost and the final state; again changes nothing."""
        async with self._database.write() as connection:
            for judged in ending.judged:
                await _judge(connection, run_id, judged)
            cost = await ledger.settled_usd(connection, run_id)
            values = _ending_values(ending) | {"cost_usd": cost, "finished_at": self._now()}
            await connection.execute(update(RunRow).where(RunRow.id == run_id).values(values))
            await ledger.release(connection, run_id, self._clock.now())
            await plan_card(connection, run_id, self._clock)
            await self._call(connection, run_id)
        self._published(run_id)

    async def _call(self, connection: AsyncConnection, run_id: str) -> None:
        """Plan the line that calls the one who asked, if they waited long enough to be gone."""
        run = (await load_runs(connection, [run_id]))[0]
        if run.place.surface == "console" or self._limits.notify == "never":
            return
        since = run.created_at if run.attempt_round == 1 else run.started_at or run.created_at
        waited_s = (self._clock.now() - since).total_seconds()
        if run.family is not None and not await all_ended(connection, run.family):
            return  # one call for all of them, at the last one's end
        if self._limits.notify == "slow" and waited_s <= SLOW_S:
            return
        key = f"ended:{run.family or run.id}:{run.attempt_round}"
        who = run.person.model_dump(mode="json")
        line = _ended_line(run)
        if run.family is not None:
            line = await ended_line(connection, run.family)
        await plan_note(connection, key, run.id, line, self._clock, mention=who)

    async def take_down(self, run_ids: Sequence[str], by: str, event_key: str) -> None:
        """Note that runs are off the platform: their card says so, their lines are withdrawn."""
        async with self._database.write() as connection:
            for run_id in run_ids:
                await self._off(connection, run_id, by)
            await close_event(connection, event_key, "run", run_ids[0])
        for run_id in run_ids:
            self._published(run_id)

    async def _off(self, connection: AsyncConnection, run_id: str, by: str) -> None:
        told = OutboxRow.kind.in_(("note", "digest"))
        here = update(OutboxRow).where(OutboxRow.run_id == run_id, told)
        sent = here.where(OutboxRow.message_ref.is_not(None))
        unsent = here.where(OutboxRow.message_ref.is_(None))
        run = update(RunRow).where(RunRow.id == run_id)
        await connection.execute(run.values(taken_down_by=by))
        await connection.execute(unsent.values(sent=OutboxRow.wanted))
        await connection.execute(sent.values(kind="gone", wanted=OutboxRow.wanted + 1))
        await plan_card(connection, run_id, self._clock)

    async def regrid(self, run_id: str, grid: str) -> None:
        """Note a grid that was drawn anew."""
        async with self._database.write() as connection:
            await connection.execute(
                update(RunRow).where(RunRow.id == run_id).values(grid_digest=grid)
            )
            await plan_card(connection, run_id, self._clock)
        self._published(run_id)

    async def request_cancel(self, run_id: str, by: str) -> bool:
        """Note that a run shall stop; returns False if it had ended. A waiting run ends at once."""
        async with self._database.write() as connection:
            query = select(RunRow.state).where(RunRow.id == run_id)
            state = (await connection.execute(query)).scalar_one()
            if state in ENDED:
                return False
            values: dict[str, Any] = {"cancel_requested_by": by}
            if state in {"queued", "handed"}:
                values |= {"state": "cancelled", "stage": "ended", "finished_at": self._now()}
                await ledger.release(connection, run_id, self._clock.now())
            await connection.execute(update(RunRow).where(RunRow.id == run_id).values(values))
            await plan_card(connection, run_id, self._clock)
        self._published(run_id)
        return True

    async def cancel_requested(self, run_id: str) -> bool:
        """Return whether someone asked the run to stop."""
        query = select(RunRow.cancel_requested_by).where(RunRow.id == run_id)
        async with self._database.read() as connection:
            return (await connection.execute(query)).scalar_one_or_none() is not None

    async def retry(self, run: Run, event_key: str) -> Run:
        """Queue a run again that ended without all of its artworks; once per event.

        Raises:
            ConflictError: It is already under way again.
        """
        again = run.attempt_round + 1
        async with self._database.write() as connection:
            if await known_run(connection, event_key) is None:
                await _requeue(connection, run)
                now = self._clock.now()
                await ledger.check_budget(
                    connection, run.quote.usd, now, self._limits.max_usd_per_day
                )
                await ledger.reserve(connection, f"{run.id}:{again}", run.id, run.quote.usd, now)
                job = job_id(run.id, again)
                await self._enqueue(connection, job, run.id, person_key(run.person))
                await close_event(connection, event_key, "run", run.id)
                await plan_card(connection, run.id, self._clock)
        self._published(run.id)
        return await self.run(run.id)

    def _now(self) -> str:
        return text_of(self._clock.now())

    async def _store(self, connection: AsyncConnection, run: Run) -> Run:
        """Write a run and plan its card; return it as it can be read from now on."""
        spec = {"id": run.id, "spec_json": run.spec.model_dump(mode="json")}
        parent = {"parent_id": run.parent.run if run.parent else None}
        created = text_of(run.created_at)
        await connection.execute(insert(SpecRow).values(**spec, **parent, created_at=created))
        ref = 1 if run.id == run.root else await _next_ref(connection, run.root)
        await connection.execute(insert(RunRow).values(run_values(run, ref)))
        await remember_words(connection, run)
        await remember_uses(connection, run)
        await ledger.reserve(connection, run.id, run.id, run.quote.usd, self._clock.now())
        await plan_card(connection, run.id, self._clock)
        baseline = None if run.baseline == run.id else run.baseline
        return run.model_copy(
            update={
                "ref": f"r{ref}",
                "revision": 1,
                "baseline": baseline,
                "created_at": datetime.fromisoformat(created),
            }
        )


async def _next_ref(connection: AsyncConnection, root_id: str) -> int:
    count = select(func.coalesce(func.max(RunRow.ref), 0)).where(RunRow.root_id == root_id)
    return int((await connection.execute(count)).scalar_one()) + 1


def _ended_line(run: Run) -> str:
    if run.kind == "text" and run.state == "done":
        return f"{run.ref} is ready: choose one of its prompts"
    made, count = len(run.artworks), run.spec.count
    match run.state:
        case "done" | "cancelled":
            images = "1 image" if made == 1 else f"{made} images"
            return f"{run.ref} is ready: {images}" + ("" if made == count else f" of {count}")
        case "unknown":
            return f"{run.ref}: an answer was lost; its card says what can be done"
        case _:
            return f"{run.ref} failed; its card says why"


async def _requeue(connection: AsyncConnection, run: Run) -> None:
    ended = update(RunRow).where(
        RunRow.id == run.id,
        RunRow.state.in_(sorted(ENDED)),
        RunRow.attempt_round == run.attempt_round,
    )
    values: dict[str, Any] = {
        "state": "queued",
        "stage": "queued",
        "attempt_round": run.attempt_round + 1,
        "error_json": None,
        "failures_json": [],
        "cancel_requested_by": None,
        "finished_at": None,
    }
    if (await connection.execute(ended.values(values))).rowcount == 0:
        raise ConflictError(f"run {run.id} is already under way again")


async def _judge(connection: AsyncConnection, run_id: str, judged: Judged) -> None:
    here = (ArtworkRow.run_id == run_id, ArtworkRow.number == judged.number)
    values: dict[str, Any] = {"verdict": judged.verdict, "reasons_json": list(judged.reasons)}
    values |= {"closest": None, "accord": None}  # where it stands in the queue is worked out anew
    await connection.execute(update(ArtworkRow).where(*here).values(values))
    rows = [
        {"run_id": run_id, "number": judged.number, "name": name, "value": value}
        | {"version": judged.version}
        for name, value in judged.scores.items()
    ]
    if rows:
        scores = upsert(ScoreRow).on_conflict_do_nothing()
        await connection.execute(scores, rows)
    if judged.explained:
        await keep_judgement(connection, run_id, judged.explained)
    if judged.phash:
        await keep_look(connection, run_id, judged.number, judged.phash)


def _ending_values(ending: Ending) -> dict[str, Any]:
    return {
        "state": ending.state,
        "stage": "ended",
        "failures_json": [failure.model_dump(mode="json") for failure in ending.failures],
        "error_json": ending.error.model_dump(mode="json") if ending.error else None,
        "grid_digest": ending.grid,
        "timings_json": ending.timings_s,
        "model_version": ending.model_version,
        "drafts_json": [one.model_dump(mode="json") for one in ending.drafts] or None,
    }
