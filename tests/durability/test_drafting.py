"""Prompts from a brief are paid for once, whatever dies in between; money and limits hold."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from config import settings as configuration
from domain.draft import Draft, Drafted, Writing
from domain.errors import CommandError, LimitError, RejectedError, UnavailableError
from domain.run import Run
from domain.spec import Segment, Segments
from tests.contracts.memory_steps import DiedError
from tests.durability.test_money import in_one_life
from tests.durability.workbench import Bench, Blocking, Life

WRITING: Writing = configuration.load("", {}).brief
LINE = "imagine --from-brief a red fox for our winter sale --count 2 --seed 7"
COST_USD = 0.002


@dataclass(slots=True)
class Pen:
    """A language model that counts what it bills, and fails as told."""

    writing: Writing = WRITING
    billed: list[str] = field(default_factory=list)
    errors: list[Exception] = field(default_factory=list)
    refused: str = ""

    def payload(self, brief: str) -> dict[str, Any]:
        return {"brief": brief}

    async def write(self, brief: str) -> Drafted:
        if self.errors:
            raise self.errors.pop(0)
        self.billed.append(brief)
        if self.refused:
            return Drafted(drafts=(), refused=self.refused, cost_usd=COST_USD)
        subjects = ("a fox at dawn", "a fox from above")
        drafts = [
            Draft(title=one, segments=Segments(subject=Segment(text=one))) for one in subjects
        ]
        return Drafted(drafts=tuple(drafts), cost_usd=COST_USD, model_version="pen-1")

    async def close(self) -> None:
        pass


@pytest.fixture
def pen() -> Pen:
    return Pen()


def bench(folder: Path, pen: Pen, **more: Any) -> Bench:
    return Bench(folder, Blocking(), writer=pen, **more)


async def _made(life: Life) -> Run:
    return await life.produce(await life.say(LINE))


def test_a_brief_is_a_run_with_its_cost_and_one_of_its_prompts_makes_images(
    tmp_path: Path, pen: Pen
) -> None:
    async def story(life: Life) -> tuple[Run, Run]:
        text = await life.produce(await life.say(LINE))
        made = await life.produce(await life.say("use 2", about=text.id))
        return text, made

    text, made = in_one_life(bench(tmp_path, pen), story)
    assert (text.kind, text.state, text.cost_usd) == ("text", "done", COST_USD)
    assert text.parameters.settings["instructions"] == WRITING.version
    assert [one.title for one in text.drafts] == ["a fox at dawn", "a fox from above"]
    assert (made.kind, made.spec.segments.subject.text) == ("imagine", "a fox from above")
    assert (made.spec.count, len(made.artworks), made.seeds[0]) == (2, 2, 7)
    assert pen.billed == ["a red fox for our winter sale"]


@pytest.mark.parametrize("point", ["begin", "write", "end"])
def test_what_dies_after_a_step_pays_once(tmp_path: Path, pen: Pen, point: str) -> None:
    house = bench(tmp_path, pen)

    async def dies(life: Life) -> str:
        run = await life.say(LINE)
        with pytest.raises(DiedError):
            await life.produce(run, die_after=point)
        return run.id

    run_id = in_one_life(house, dies)

    async def goes_on(life: Life) -> Run:
        return await life.produce(await life.log.run(run_id))

    run = in_one_life(house, goes_on)
    assert (run.state, len(run.drafts)) == ("done", 2)
    assert len(pen.billed) == 1


def test_an_answer_that_came_before_the_crash_is_not_asked_for_again(
    tmp_path: Path, pen: Pen
) -> None:
    house = bench(tmp_path, pen)

    async def dies(life: Life) -> str:
        run = await life.say(LINE)
        with pytest.raises(DiedError):
            await life.produce(run, die_after="write", recorded=False)
        return run.id

    run_id = in_one_life(house, dies)

    async def goes_on(life: Life) -> Run:
        return await life.produce(await life.log.run(run_id))

    run = in_one_life(house, goes_on)
    assert (run.state, len(run.drafts), len(pen.billed)) == ("done", 2, 1)


def test_an_answer_that_was_lost_is_not_paid_for_twice_unasked(tmp_path: Path, pen: Pen) -> None:
    pen.errors = [UnavailableError("cut", maybe_billed=True)]

    async def story(life: Life) -> tuple[Run, Run]:
        lost = await life.produce(await life.say(LINE))
        again = await life.say("retry", about=lost.id, confirmed=True)
        return lost, await life.produce(again)

    lost, again = in_one_life(bench(tmp_path, pen), story)
    assert lost.state == "unknown"
    assert lost.error is not None
    assert "not written again unasked" in lost.error.hint
    assert (again.state, len(again.drafts)) == ("done", 2)


def test_a_refusal_is_paid_for_and_said(tmp_path: Path, pen: Pen) -> None:
    pen.refused = "Pen refused the brief"
    run = in_one_life(bench(tmp_path, pen), _made)
    assert (run.state, run.cost_usd) == ("failed", COST_USD)
    assert run.error is not None
    assert (run.error.kind, run.error.message) == ("refused", "Pen refused the brief")


def test_what_is_refused_at_the_door_costs_nothing(tmp_path: Path, pen: Pen) -> None:
    pen.errors = [RejectedError("no such model", hint="Check [brief].")]
    run = in_one_life(bench(tmp_path, pen), _made)
    assert run.state == "failed"
    assert not run.cost_usd
    assert run.error is not None
    assert run.error.hint == "Check [brief]."


def test_the_days_money_counts_for_words_too(tmp_path: Path, pen: Pen) -> None:
    house = bench(tmp_path, pen, max_usd_per_day=0.001)

    async def story(life: Life) -> None:
        with pytest.raises(LimitError):
            await life.say(LINE)

    in_one_life(house, story)
    assert pen.billed == []


def test_a_run_of_prompts_has_no_images_to_go_on_from(tmp_path: Path, pen: Pen) -> None:
    async def story(life: Life) -> None:
        text = await life.produce(await life.say(LINE))
        for line in ("again", "style: more cinematic", "reroll"):
            with pytest.raises(CommandError, match="no images yet"):
                await life.say(line, about=text.id)

    in_one_life(bench(tmp_path, pen), story)
