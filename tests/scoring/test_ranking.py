"""Votes to ranks: figures of choix and of the facts, and what no vote may do."""

from typing import Any

import numpy as np
import pytest

from scoring.ranking import Ballot, bradley_terry, offsets_of, ranked
from scoring.tally import tally

RUNS = {"A": (1, 2, 3), "B": (1, 2)}


def vote(person: str, run: str, number: int, value: float = 1.0, kind: str = "rate") -> Ballot:
    return Ballot(run, number, person, kind, value, at="2026-11-23T12:00:00Z")


def pick(person: str, run: str, number: int) -> Ballot:
    return vote(person, run, number, kind="pick")


@pytest.mark.parametrize(
    ("many", "pairs", "strengths"),
    [
        (3, [(0, 1), (1, 2), (2, 0)], [0.0, 0.0, 0.0]),
        (
            4,
            [(0, 1), (1, 2), (2, 3), (0, 3), (0, 2), (1, 0)],
            [0.91425, 0.867382, -0.338054, -1.443579],
        ),
        (3, [(0, 1), (0, 2), (0, 1), (1, 2)], [1.47115, -0.063939, -1.407211]),
        (4, [(0, 1), (0, 1), (2, 3)], [0.809712, -0.982047, 0.712549, -0.540214]),
    ],
)
def test_strengths_are_those_of_choix(
    many: int, pairs: list[tuple[int, int]], strengths: list[float]
) -> None:
    # choix 0.4.1: ilsr_pairwise(many, pairs, alpha=0.1)
    wins = np.zeros((many, many))
    for winner, loser in pairs:
        wins[winner, loser] += 1
    assert bradley_terry(wins) == pytest.approx(strengths, abs=1e-5)


def test_true_strengths_are_found_again_from_noisy_pairs() -> None:
    chance = np.random.default_rng(7)
    true = chance.normal(size=60)
    wins = np.zeros((60, 60))
    for _ in range(900):
        one, two = chance.choice(60, 2, replace=False)
        better = chance.random() < 1 / (1 + np.exp(true[two] - true[one]))
        wins[(one, two) if better else (two, one)] += 1
    ranks = [np.argsort(np.argsort(values)) * 1.0 for values in (true, bradley_terry(wins))]
    assert np.corrcoef(ranks[0], ranks[1])[0, 1] > 0.8


def test_who_is_preferred_comes_first_and_who_has_no_vote_last() -> None:
    found = ranked([pick("ana", "A", 2), pick("ben", "A", 2), pick("ben", "A", 3)], RUNS)
    assert [(one.key, one.place) for one in found][:3] == [
        (("A", 2), 1),
        (("A", 3), 2),
        (("A", 1), 3),
    ]
    assert [(one.place, one.rating, one.strength) for one in found[3:]] == [(None, None, None)] * 2
    assert found[0].approval == pytest.approx((0.342, 1.0), abs=0.001)
    assert found[0].plus_minus is not None
    assert found[0].plus_minus > 0


def test_images_of_several_runs_are_set_against_each_other_by_who_voted_on_both() -> None:
    votes = [vote("ana", "A", 1, 0.25), vote("ana", "B", 2, 0.75)]
    found = ranked(votes, RUNS)
    assert [one.key for one in found[:2]] == [("B", 2), ("A", 1)]
    assert found[0].strength == pytest.approx(-(found[1].strength or 0))


def test_a_favourite_is_no_vote() -> None:
    found = ranked([vote("ana", "A", 1, kind="favourite")], RUNS)
    assert all(one.voters == 0 for one in found)


def test_equals_share_a_place() -> None:
    found = ranked([pick("ana", "A", 1)], {"A": (1, 2, 3)})
    assert [one.place for one in found] == [1, 2, 2]


def test_a_voters_mean_is_taken_away_only_once_it_is_known() -> None:
    assert offsets_of({"ana": (10, 0.9), "ben": (30, 0.3), "new": (9, 1.0)}) == pytest.approx(
        {"ana": 0.3, "ben": -0.3}
    )
    assert offsets_of({"new": (9, 1.0)}) == {}


def test_stars_are_levelled_and_picks_are_not() -> None:
    votes = [vote("ana", "A", 1, 0.75), vote("ben", "A", 2, 0.75), pick("ana", "B", 1)]
    found = {one.key: one for one in ranked(votes, RUNS, {"ana": 0.3, "ben": -0.25})}
    assert found["A", 1].rating == found["A", 2].rating == 0.75
    assert found["A", 1].adjusted == pytest.approx(0.45)
    assert found["A", 2].adjusted == 1.0, "an adjusted rating is a rating"
    assert found["B", 1].adjusted == 1.0


@pytest.mark.parametrize("votes", [[], [pick("ana", "gone", 1)]])
def test_without_votes_nothing_is_ranked(votes: list[Any]) -> None:
    found = ranked(votes, RUNS)
    assert [one.key for one in found] == [("A", 1), ("A", 2), ("A", 3), ("B", 1), ("B", 2)]
    assert {one.place for one in found} == {None}


def test_all_voters_at_once_are_counted_as_each_alone() -> None:
    chance = np.random.default_rng(3)
    votes = [
        Ballot(
            run_id=(run := "AB"[int(chance.integers(2))]),
            number=int(chance.choice(RUNS[run])),
            person_key=f"p{chance.integers(6)}",
            kind=("pick", "rate")[int(chance.integers(2))],
            value=float(chance.choice([0, 0.25, 0.5, 0.75, 1])),
            at=f"2026-11-23T12:00:0{chance.integers(3)}Z",
        )
        for _ in range(60)
    ]
    latest = {(one.run_id, one.number, one.person_key, one.kind): one for one in votes}
    standing = {one.key: one.rating for one in ranked([*latest.values()], RUNS)}
    for run, numbers in RUNS.items():
        here = [one for one in latest.values() if one.run_id == run]
        picked = [
            Ballot(**{name: getattr(one, name) for name in Ballot.__slots__} | {"value": 1.0})
            if one.kind == "pick"
            else one
            for one in here
        ]
        for number, rating in tally(picked, numbers).items():
            assert standing[run, number] == pytest.approx(rating)
