"""The team's votes become thresholds: gathered, worked out, kept, and handed to triage."""

import logging
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from domain.errors import HandlerError
from domain.judging import SCORE, Calibrated, CalibrationPolicy
from domain.ports import Clock
from domain.record import Record
from scoring.calibrate import above, below, least_needed, lower_bound
from storage.database import Database
from storage.labels import Label, Labels
from storage.verdicts import Verdicts

logger = logging.getLogger(__name__)
FRESH_S: Final = 60.0
"""How long a calibration is good before votes are gathered again."""


class Standing(Record):
    """One calibration with what it came of, for people to see."""

    calibrated: Calibrated
    approved: tuple[float, ...] = ()
    """The scores of what people want, …"""
    rejected: tuple[float, ...] = ()
    """… and of what they do not."""
    restored: int = 0
    explored: int = 0
    """Pictures that chance sent to people, and that they have spoken of."""
    explored_approved: int = 0
    explored_lost: int = 0
    """Approved ones among them that the figure would have rejected."""
    lacking: str = ""
    """What is missing before it rejects; empty when it does."""
    void: str = ""
    """Why it holds no longer; empty while it is the present one."""


@dataclass(slots=True)
class Calibrating:
    """Works out thresholds when they are asked for, once a minute at most."""

    labels: Labels
    verdicts: Verdicts
    clock: Clock
    policy: CalibrationPolicy
    read_only: bool = False
    """Nothing is kept: the command line beside a running service."""
    _known: dict[tuple[str, str], tuple[float, Calibrated]] = field(default_factory=dict)

    @classmethod
    def on(cls, database: Database, clock: Clock, policy: CalibrationPolicy) -> "Calibrating":
        """Return one that gathers from a database."""
        return cls(Labels(database), Verdicts(database), clock, policy, database.read_only)

    async def for_triage(self, task: str, version: str) -> Calibrated | None:
        """Return what votes made of one version of the figure; never fails a run."""
        if not self.policy.rejects:
            return None
        known = self._known.get((task, version))
        if known is not None and self.clock.monotonic_s() - known[0] < FRESH_S:
            return known[1]
        try:
            return (await self.standing(task, version)).calibrated
        except HandlerError as error:
            logger.warning("not calibrated task=%s: %s", task, error.message)
            return None

    async def standing(self, task: str, version: str) -> Standing:
        """Gather the labels of one task type and version, and work out what they yield."""
        since = self.clock.now() - timedelta(days=self.policy.days)
        most = self.policy.labels
        labels = await self.labels.of(task, SCORE, version, since=since, most=most)
        found = worked_out(task, version, labels, self.policy)
        if not self.read_only:
            kept = await self.verdicts.keep(found.calibrated, self.policy, self.clock.now())
            self._known[task, version] = (self.clock.monotonic_s(), kept)
            return found.model_copy(update={"calibrated": kept})
        newest = await self.verdicts.newest(task, SCORE, version)
        number = newest.number if newest else 0
        numbered = found.calibrated.model_copy(update={"number": number})
        return found.model_copy(update={"calibrated": numbered})

    async def all(self, task: str = "") -> list[Standing]:
        """Return every calibration: the present one of each task type, and those that are void."""
        since = self.clock.now() - timedelta(days=self.policy.days)
        known = await self.labels.versions(SCORE, since)
        past = [(one.task, one.version) for one, _ in await self.verdicts.all_newest()]
        found: list[Standing] = []
        for at_task, version in dict.fromkeys([*known, *past]):
            if task and at_task != task:
                continue
            present = await self.labels.version(at_task, SCORE)
            if version == present:
                found.append(await self.standing(at_task, version))
            else:
                void = await self._void(at_task, version, present)
                found += [void] if void else []
        return sorted(found, key=lambda one: (one.calibrated.task, bool(one.void)))

    async def _void(self, task: str, version: str, present: str | None) -> Standing | None:
        newest = await self.verdicts.newest(task, SCORE, version)
        if newest is None:
            return None
        why = f"the figure is measured otherwise now: {present or 'not at all'}, was {version}"
        return Standing(calibrated=newest, void=why)


def worked_out(task: str, version: str, labels: list[Label], policy: CalibrationPolicy) -> Standing:
    """Return what labels yield: the thresholds, and whether they keep their promise."""
    wanted = [one for one in labels if one.wanted]
    unwanted = [one.value for one in labels if not one.wanted]
    low = below([one.value for one in wanted], policy.false_rejects, policy.risk)
    high = above(unwanted, policy.false_passes, policy.risk)
    explored = [one for one in labels if one.explored]
    liked = [one for one in explored if one.wanted]
    lost = sum(one.would_reject for one in liked)
    calibrated = Calibrated(
        task=task,
        version=version,
        n=low.n,
        k=low.k,
        a=policy.false_rejects,
        d=policy.risk,
        threshold=low.threshold,
        marginal=low.marginal,
        rejected=high.n,
        passes=high.threshold,
        explore=policy.explore,
        suspended=_suspended(lost, len(liked), policy),
    )
    return Standing(
        calibrated=calibrated,
        approved=tuple(sorted(one.value for one in wanted)),
        rejected=tuple(sorted(unwanted)),
        restored=sum(one.restored for one in wanted),
        explored=len(explored),
        explored_approved=len(liked),
        explored_lost=lost,
        lacking=_lacking(low.n, policy) if low.threshold is None else "",
    )


def _lacking(n: int, policy: CalibrationPolicy) -> str:
    more = least_needed(policy.false_rejects, policy.risk) - n
    return f"{more} more approved picture{'' if more == 1 else 's'} before it rejects anything"


def _suspended(lost: int, of: int, policy: CalibrationPolicy) -> str:
    """Say why a threshold is not trusted, by what chance sent to people."""
    least = lower_bound(lost, of, policy.risk) if of else 0.0
    if least <= policy.false_rejects:
        return ""
    return f"of {of} explored and approved pictures it would have lost {lost}, at least {least:.0%}"
