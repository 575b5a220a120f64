"""A thread's images ranked by votes, and where people and scorers disagree; for every surface."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from domain.run import Run
from domain.uncertainty import wilson
from scoring.ranking import Standing, offsets_of, ranked
from storage.ballots import Ballots, Piece, Rated

SHOWN: Final = 12
"""So many lines a message holds; the page and the command line have all."""
DISAGREE: Final = 0.5
"""From half of the ranks of a run on, people and scorers disagree."""
MOST_LISTED: Final = 50
HALF: Final = 0.5


@dataclass(frozen=True, slots=True)
class Placed:
    """One image in its place."""

    piece: Piece
    standing: Standing

    @property
    def record(self) -> dict[str, Any]:
        """The same as ``--json`` shows it."""
        one = self.standing
        return {
            "place": one.place,
            "run": self.piece.run_id,
            "ref": self.piece.ref,
            "number": self.piece.number,
            "voters": one.voters,
            "rating": _rounded(one.rating),
            "adjusted": _rounded(one.adjusted),
            "approval": [_rounded(one.approval.low), _rounded(one.approval.high)],
            "strength": _rounded(one.strength),
            "plus_minus": _rounded(one.plus_minus),
            "fit": _rounded(self.piece.fit),
        }


@dataclass(frozen=True, slots=True)
class Group:
    """The images of one brief, the best first."""

    brief: str
    images: tuple[Placed, ...]


@dataclass(frozen=True, slots=True)
class Apart:
    """One image of which people and its fit say different things."""

    piece: Rated
    by_people: float
    """Its rank in its run by rating, from 0 (worst) to 1."""
    by_fit: float
    of: int

    @property
    def far(self) -> float:
        """How far apart the ranks are, in [0, 1]."""
        return abs(self.by_people - self.by_fit)

    @property
    def says(self) -> str:
        """The same in words."""
        liked = self.piece.rating >= HALF
        if self.by_people > self.by_fit:
            return f"people {'like it, fit does not' if liked else 'put it higher than fit does'}"
        return f"fit {'puts it higher than people do' if liked else 'likes it, people do not'}"

    @property
    def record(self) -> dict[str, Any]:
        """The same as ``--json`` shows it."""
        return {
            "run": self.piece.run_id,
            "ref": self.piece.ref,
            "number": self.piece.number,
            "brief": self.piece.brief,
            "says": self.says,
            "apart": round(self.far, 3),
            "rank_by_people": round(self.by_people, 3),
            "rank_by_fit": round(self.by_fit, 3),
            "rating": self.piece.rating,
            "voters": self.piece.voters,
            "fit": self.piece.fit,
        }


async def ranking(ballots: Ballots, run: Run) -> list[Group]:
    """Rank the images of a run's thread; those of one brief against each other."""
    pieces = await ballots.pieces(run.root)
    by_brief: dict[str, list[Piece]] = {}
    for piece in pieces:
        by_brief.setdefault(piece.brief, []).append(piece)
    run_ids = list(dict.fromkeys(piece.run_id for piece in pieces))
    votes = await ballots.votes(run_ids)
    offsets = offsets_of(await ballots.means(run_ids))
    # Counting 100,000 votes takes its time: never on the event loop.
    return await asyncio.to_thread(_groups, by_brief, votes, offsets)


async def disagreements(ballots: Ballots, *, limit: int = MOST_LISTED) -> list[Apart]:
    """List where people and fit rank an image of a run most differently, the widest first."""
    found = [
        one
        for pieces in (await ballots.rated()).values()
        for one in _ranks(pieces)
        if one.far >= DISAGREE
    ]
    found.sort(key=lambda one: (-one.far, -one.piece.voters))
    return found[:limit]


def ranking_record(run: Run, groups: Sequence[Group]) -> dict[str, Any]:
    """Return a ranking as ``--json`` shows it."""
    shown = [
        {"brief": group.brief, "images": [one.record for one in group.images]} for group in groups
    ]
    return {"thread": run.root, "groups": shown}


def ranking_text(groups: Sequence[Group]) -> str:
    """Say a ranking in lines, as many as a message holds."""
    voted = [(group, [one for one in group.images if one.standing.voters]) for group in groups]
    lines: list[str] = []
    for group, images in voted:
        if images and len(groups) > 1:
            lines.append(f"“{group.brief}”")
        lines += [line_of(one) for one in images]
    if not lines:
        return "Nobody has voted in this thread. `pick 2` is a vote, and so is `rate 2 up`."
    silent = sum(not one.standing.voters for group in groups for one in group.images)
    more = [f"… and {len(lines) - SHOWN} more"] if len(lines) > SHOWN else []
    rest = [f"No votes on {silent} {'image' if silent == 1 else 'images'}."] if silent else []
    return "\n".join([*lines[:SHOWN], *more, *rest])


def line_of(one: Placed) -> str:
    """Say where one image stands, and how sure that is."""
    standing, piece = one.standing, one.piece
    low, high = standing.approval
    people = "1 person" if standing.voters == 1 else f"{standing.voters} people"
    facts = [
        f"{standing.place}. {piece.ref} #{piece.number}",
        f"approval {standing.rating:.0%} ({low:.0%} to {high:.0%}) of {people}",
    ]
    if standing.strength is not None and standing.plus_minus is not None:
        facts.append(f"strength {signed(standing.strength)} ± {standing.plus_minus:.1f}")
    return " · ".join(facts)


def signed(value: float) -> str:
    """Write a strength with its sign."""
    return f"{round(value, 1) or 0.0:+.1f}".replace("-", "−")


def blind_record(ours: int, theirs: int) -> dict[str, Any]:
    """Return who won in blind votes as ``--json`` shows it."""
    many = ours + theirs
    low, high = wilson(ours, many)
    return {
        "run": ours,
        "other": theirs,
        "share": _rounded(ours / many) if many else None,
        "interval": [_rounded(low), _rounded(high)],
    }


def blind_line(ours: int, theirs: int, ref: str) -> str:
    """Say who won in blind votes; empty where nobody has voted on both."""
    many = ours + theirs
    if not many:
        return ""
    low, high = wilson(ours, many)
    noise = ", within noise" if low <= HALF <= high else ""
    return f"Blind votes: {ours} of {many} for {ref} ({low:.0%} to {high:.0%}{noise})"


def _groups(
    by_brief: Mapping[str, Sequence[Piece]], votes: Sequence[Any], offsets: Mapping[str, float]
) -> list[Group]:
    groups = []
    for brief, pieces in by_brief.items():
        runs: dict[str, list[int]] = {}
        for piece in pieces:
            runs.setdefault(piece.run_id, []).append(piece.number)
        known = {(piece.run_id, piece.number): piece for piece in pieces}
        here = [vote for vote in votes if vote.run_id in runs]
        images = tuple(Placed(known[one.key], one) for one in ranked(here, runs, offsets))
        groups.append(Group(brief, images))
    return groups


def _ranks(pieces: Sequence[Rated]) -> list[Apart]:
    """Return each image's rank by rating and by fit; equals share the middle of their ranks."""
    ratings = [piece.rating for piece in pieces]
    fits = [piece.fit or 0.0 for piece in pieces]
    return [
        Apart(piece, _rank(piece.rating, ratings), _rank(piece.fit or 0.0, fits), len(pieces))
        for piece in pieces
    ]


def _rank(value: float, values: Sequence[float]) -> float:
    below = sum(one < value for one in values)
    same = sum(one == value for one in values) - 1
    return (below + same / 2) / (len(values) - 1)


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)
