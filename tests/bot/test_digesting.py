"""When a digest is due, and how reasons are read: pure functions."""

from datetime import UTC, datetime

import pytest

from bot.digesting import due, people
from bot.reasons import given
from config.records import ReviewSettings
from config.settings import load, reject_reasons
from domain.errors import SettingsError
from storage.digests import Subscribed

REASONS = reject_reasons()


def settings(**more: object) -> ReviewSettings:
    return load("", {}).review.model_copy(update=more)


def told(at: str = "09:00", last_day: str = "") -> Subscribed:
    return Subscribed(
        surface="slack",
        workspace="T1",
        channel="C1",
        at=at,
        empty=False,
        by="Olga",
        last_day=last_day,
    )


def test_a_digest_is_due_at_its_local_time_once_a_day() -> None:
    berlin = settings(timezone="Europe/Berlin")
    summer = datetime(2026, 7, 1, 6, 59, tzinfo=UTC)
    assert due(told(), summer, berlin) == ""
    assert due(told(), summer.replace(hour=7, minute=0), berlin) == "2026-07-01"
    winter = datetime(2026, 12, 1, 7, 30, tzinfo=UTC)
    assert due(told(), winter, berlin) == ""
    assert due(told(), winter.replace(hour=8), berlin) == "2026-12-01"
    assert due(told(last_day="2026-12-01"), winter.replace(hour=20), berlin) == ""


def test_who_was_away_at_the_time_tells_it_later_the_same_day_and_never_twice() -> None:
    monday = datetime(2026, 11, 23, 22, 0, tzinfo=UTC)
    assert due(told(last_day="2026-11-20"), monday, settings()) == "2026-11-23"
    saturday = datetime(2026, 11, 28, 10, 0, tzinfo=UTC)
    assert due(told(last_day="2026-11-27"), saturday, settings()) == ""
    assert due(told(), saturday, settings(days=("sat",))) == "2026-11-28"


@pytest.mark.parametrize("line", ['timezone = "Mars/Base"', 'digest = "9"', 'channel = "here"'])
def test_settings_that_cannot_be_are_refused(line: str) -> None:
    with pytest.raises(SettingsError, match="review"):
        load(f"[review]\n{line}\n", {})


def test_what_was_approved_is_told_by_person() -> None:
    assert people({"Ana": 3, "Ben": 1}) == "4 images (Ana 3, Ben 1)"
    assert people({}) == "nothing"


@pytest.mark.parametrize(
    ("text", "names", "words"),
    [
        ("hands, crop", ["hands", "crop"], ""),
        ("Hands ,hands", ["hands"], ""),
        ("crop: more to the left, please", ["crop"], "more to the left, please"),
        ("hands, too many tails, text", ["hands"], "too many tails, text"),
        ("handsome but wrong", [], "handsome but wrong"),
        ("", [], ""),
    ],
)
def test_reasons_are_names_and_then_own_words(text: str, names: list[str], words: str) -> None:
    found = given(text, REASONS)
    assert ([one.name for one in found.known], found.words) == (names, words)
