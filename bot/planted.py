"""Triage held against sketches with planted faults: what share is caught, by kind of fault."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import Final

from bot.planting import KINDS, SOUND, Planned, Seen, developed, planned
from config import settings as configuration
from domain.fit import Fitted
from domain.judging import Explained, Policy
from domain.record import Fraction, Record
from domain.spec import PromptSpec, Segment, Segments
from pipeline.route import Routes, guess_task
from pipeline.triage import judge
from scoring.clip.embedder import Embedder
from scoring.clip.fit import Fit, Wanted

COUNT: Final = 400
SHARE: Final = 0.3
SEED: Final = 20_261_123
"""None of the seeds by which the thresholds were chosen."""
LEAST_CAUGHT: Final = 0.80
MOST_DISTURBED: Final = 0.15
PROCESSES: Final = 2


class Kind(Record):
    """How drawings of one kind were judged."""

    name: str
    passed: int = 0
    review: int = 0
    rejected: int = 0

    @property
    def count(self) -> int:
        """How many there were."""
        return self.passed + self.review + self.rejected

    @property
    def stopped(self) -> int:
        """How many were sent to people or rejected."""
        return self.review + self.rejected


class Report(Record):
    """What triage made of all of them."""

    kinds: tuple[Kind, ...]
    sound: Kind
    caught: Fraction
    """Of the faulty, in review or reject."""
    disturbed: Fraction
    """Of the sound, in review or reject."""
    policy: str

    @property
    def good_enough(self) -> bool:
        """Whether triage does what it must."""
        return self.caught >= LEAST_CAUGHT and self.disturbed <= MOST_DISTURBED


def examined(
    fit: Fit,
    embedder: Embedder,
    policy: Policy,
    *,
    count: int = COUNT,
    seed: int = SEED,
    processes: int = PROCESSES,
    told: Callable[[int, int], None] = lambda _done, _of: None,
) -> Report:
    """Draw, spoil, measure and judge *count* sketches; the same for the same seed.

    Args:
        fit: What measures fit.
        embedder: What it works with.
        policy: The thresholds.
        count: How many drawings.
        seed: Of briefs, drawings and faults.
        processes: How many draw at once.
        told: Called with how many runs are done, of how many.
    """
    plans = planned(count, SHARE, seed)
    routes = Routes.model_validate(configuration.routes({}))
    tally: Counter[tuple[str, str]] = Counter()
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
        drawn = pool.map(developed, plans, chunksize=2)
        for done, (plan, seen) in enumerate(zip(plans, drawn, strict=True), 1):
            judged = _judged(plan, seen, fit=fit, embedder=embedder, policy=policy, routes=routes)
            tally.update(zip(plan.kinds, (one.verdict for one in judged), strict=True))
            told(done, len(plans))
    return _report(tally, policy)


def _judged(
    plan: Planned,
    seen: Sequence[Seen],
    *,
    fit: Fit,
    embedder: Embedder,
    policy: Policy,
    routes: Routes,
) -> tuple[Explained, ...]:
    asked = plan.asked
    wanted = Wanted(
        asked.whole,
        subject=asked.subject,
        environment=asked.environment,
        style=asked.style,
        negative=plan.forbidden,
    )
    fits: dict[int, Fitted] = {}
    for number, one in enumerate(seen, 1):
        fits[number] = fit.measured(embedder.images(one.square[None])[0], wanted)
    spec = PromptSpec(
        segments=Segments(
            subject=Segment(text=asked.subject),
            environment=Segment(text=asked.environment),
            style=Segment(text=asked.style),
        )
    )
    return judge(
        [one.measured for one in seen],
        policy=policy,
        task=guess_task(spec, routes),
        asked_size=plan.size,
        asked_ratio=None,
        fits=fits,
    )


def _report(tally: Counter[tuple[str, str]], policy: Policy) -> Report:
    kinds = tuple(_kind(tally, name) for name in KINDS)
    sound = _kind(tally, SOUND)
    return Report(
        kinds=kinds,
        sound=sound,
        caught=_share(kinds),
        disturbed=_share([sound]),
        policy=policy.version,
    )


def _kind(tally: Counter[tuple[str, str]], name: str) -> Kind:
    return Kind(
        name=name,
        passed=tally[name, "pass"],
        review=tally[name, "review"],
        rejected=tally[name, "reject"],
    )


def _share(kinds: Iterable[Kind]) -> float:
    listed = list(kinds)
    return sum(one.stopped for one in listed) / max(1, sum(one.count for one in listed))
