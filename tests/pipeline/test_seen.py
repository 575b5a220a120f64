"""Lettering and safety: looked for where they matter, and never a reason to reject."""

import asyncio
from collections.abc import Mapping

import pytest

from domain.judging import ExtrasPolicy, Policy
from domain.policy import PixelPolicy
from domain.run import Run
from domain.seen import Lettering, LetteringWanted, Safety, Seen
from domain.target import Target
from pipeline.score import Scored, score
from pipeline.seen import extras, lettering_wanted, safety_wanted
from tests.pipeline.given import finished, planned
from tests.pipeline.test_score import SOUND, sound

POLICY = ExtrasPolicy()
CAMPAIGN = Target(title="Campaign", width_px=1024, height_px=1024, lettering=("ACME",), safety=True)


def wanted(line: str, target: Target | None = None) -> LetteringWanted | None:
    return lettering_wanted(planned(line), target)


@pytest.mark.parametrize(
    ("line", "texts"),
    [
        ('imagine a sign that says "OPEN"', ("OPEN",)),
        ('imagine a cup, "Fresh coffee" :: a shelf with "Tea" on it', ("Fresh coffee", "Tea")),
        ('imagine a sign "OPEN" and another "OPEN"', ("OPEN",)),
        ('imagine a sign "お茶"', ("お茶",)),
    ],
)
def test_what_a_brief_has_in_quotes_is_to_be_read(line: str, texts: tuple[str, ...]) -> None:
    assert wanted(line) == LetteringWanted(texts=texts)


def test_a_target_adds_what_it_requires() -> None:
    assert wanted("imagine a fox", CAMPAIGN) == LetteringWanted(texts=("ACME",))
    assert wanted('imagine a fox "RUN"', CAMPAIGN) == LetteringWanted(texts=("RUN", "ACME"))


def test_without_lettering_nothing_is_looked_for() -> None:
    assert wanted("imagine a fox") is None
    assert wanted('imagine a fox, 5" tall') is None
    assert wanted("imagine a fox :: :: :: :: people, context") is None


def test_lettering_is_forbidden_by_the_negative_segment() -> None:
    assert wanted("imagine a fox :: :: :: :: text, people") == LetteringWanted(forbidden=True)
    assert wanted('imagine a sign "OPEN" :: :: :: :: text') == LetteringWanted(texts=("OPEN",))


def test_safety_matters_for_characters_and_where_a_target_asks_for_it() -> None:
    assert safety_wanted(planned("imagine a fox --task character"), None, POLICY)
    assert not safety_wanted(planned("imagine a fox --task product"), None, POLICY)
    assert safety_wanted(planned("imagine a fox --task product"), CAMPAIGN, POLICY)


def said(seen: Seen, line: str = 'imagine a sign "OPEN"') -> list[tuple[bool, str]]:
    return [(one.failed, one.says) for one in extras(seen, wanted(line), POLICY)]


def read(like: float, *lines: str) -> Seen:
    return Seen(lettering=Lettering(likeness={"OPEN": like}, lines=lines, version="r-1"))


def test_lettering_is_held_against_its_threshold_with_what_was_read() -> None:
    assert said(read(1.0, "OPEN")) == [(False, "")]
    assert said(read(0.85, "OPEN")) == [(False, "")]
    assert said(read(0.75, "0PEM")) == [
        (True, 'lettering "OPEN" is not letter by letter (75%): "0PEM" was read')
    ]
    assert said(read(0.2, "Bar", "Grill")) == [
        (True, 'lettering "OPEN" is not in it: "Bar / Grill" was read')
    ]
    assert said(read(0.0)) == [(True, 'lettering "OPEN" is not in it: nothing was read')]


def test_forbidden_lettering_is_named_and_two_letters_are_none() -> None:
    none = "imagine a fox :: :: :: :: lettering"
    found = Seen(lettering=Lettering(lines=("SAMPLE", "C7"), version="r-1"))
    assert said(found, none) == [(True, 'lettering, though forbidden: "SAMPLE"')]
    assert said(Seen(lettering=Lettering(lines=("C7",))), none) == [(False, "")]


def test_safety_is_held_against_its_threshold() -> None:
    assert said(Seen(safety=Safety(unsafe=0.2))) == [(False, "")]
    assert said(Seen(safety=Safety(unsafe=0.21))) == [
        (True, "perhaps not for everybody's eyes: 21%")
    ]


def test_not_installed_is_neutral_and_failed_is_for_people() -> None:
    absent = Seen(lettering=Lettering(missing="not installed"), safety=Safety(missing="neither"))
    assert said(absent) == [(False, ""), (False, "")]
    checks = list(extras(absent, wanted('imagine a sign "OPEN"'), POLICY))
    assert [one.source for one in checks] == ["neutral: not installed", "neutral: neither"]
    failed = Seen(lettering=Lettering(missing="lettering took too long", failed=True))
    assert said(failed) == [(True, "lettering took too long")]


async def scored(found: Mapping[int, Seen], policy: Policy | PixelPolicy) -> Scored:
    run = finished(planned('imagine a sign "OPEN" --count 2'))

    async def sees(_run: Run) -> dict[int, Seen]:
        await asyncio.sleep(0)
        return dict(found)

    return await score(
        run, measure=sound, policy=policy, version="p", sees=sees,
        lettering=lettering_wanted(run, None),
    )  # fmt: skip


async def test_what_was_seen_is_kept_and_sends_to_review() -> None:
    unsafe = Seen(safety=Safety(unsafe=0.99, version="o-1"))
    first, second = (await scored({1: read(0.0), 2: unsafe}, PixelPolicy())).judged
    assert (first.verdict, first.scores) == ("review", SOUND | {"lettering": 0.0})
    assert (second.verdict, second.scores) == ("review", SOUND | {"unsafe": 0.99})
    assert second.version == "p", "calibrated fit holds whether or not anyone reads"


async def test_thresholds_are_the_policys_own() -> None:
    strict = Policy().changed({"lettering_least": 1.0})
    first, _ = (await scored({1: read(0.9, "OPEN")}, strict)).judged
    assert first.verdict == "review"
    assert (await scored({1: read(0.9, "OPEN")}, Policy())).judged[0].verdict == "pass"
    assert strict.version != Policy().version


async def test_looking_that_breaks_ends_no_run_and_rejects_nothing() -> None:
    async def broken(_run: Run) -> dict[int, Seen]:
        raise ZeroDivisionError

    run = finished(planned("imagine a fox --count 2"))
    found = await score(run, measure=sound, policy=PixelPolicy(), version="p", sees=broken)
    reason = ("lettering and safety: looking failed",)
    assert [(one.verdict, one.reasons) for one in found.judged] == [("review", reason)] * 2
