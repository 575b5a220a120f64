"""A vendor that tells of its jobs: it is asked at once then, and believed only in that."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pytest

from bot.webhooks import REMEMBERED
from domain.errors import ForbiddenError, NotFoundError
from domain.ports import ImageRequest, Job, JobState, Output
from domain.run import Run
from tests.durability.test_money import in_one_life, until
from tests.durability.workbench import COST_USD, Bench, Life, Polled

PUBLIC = "https://atelier.example"


@dataclass(slots=True)
class Telling(Polled):
    """A vendor that calls, with a word for a signature."""

    finished: bool = False
    asked_to_tell: str = ""

    async def submit(self, request: ImageRequest) -> Job:
        self.asked_to_tell = request.webhook_url
        return await Polled.submit(self, request)

    async def poll(self, job: Job) -> JobState:
        self.polls += 1
        finished = self.finished
        waited = self.meanwhile(job.ref)
        if waited is not None:
            await waited
        if not finished:
            return JobState(phase="running")
        return JobState(phase="done", output=Output(url=job.ref, cost_usd=COST_USD))

    def heard(self, headers: Mapping[str, str], body: bytes, now: datetime) -> Job:
        if headers.get("signature") != "theirs" or now.tzinfo is None:
            raise ForbiddenError("not theirs")
        return Job(ref=body.decode())


def call(life: Life, signature: str = "theirs", job: str = "job-0") -> None:
    now = life.bench.clock.now()
    life.webhooks.heard("replicate", {"signature": signature}, job.encode(), now)


def test_a_job_is_asked_after_as_soon_as_its_vendor_tells_of_it(tmp_path: Path) -> None:
    vendor = Telling()

    async def story(life: Life) -> Run:
        run = await life.say("imagine a fox --count 1")
        producing = asyncio.create_task(life.produce(run))
        await until(lambda: vendor.polls == 1)
        await asyncio.sleep(0)
        vendor.finished = True
        with pytest.raises(ForbiddenError):
            call(life, "somebody's")
        call(life, job="job-9")
        await asyncio.sleep(0)
        assert vendor.polls == 1, "nobody waits for that one"
        call(life)
        return await producing

    assert in_one_life(Bench(tmp_path, vendor, public_url=PUBLIC), story).state == "done"
    assert vendor.asked_to_tell == f"{PUBLIC}/webhooks/replicate"
    assert vendor.polls == 2


def test_without_a_public_address_a_vendor_is_asked(tmp_path: Path) -> None:
    vendor = Telling(finished=True)

    async def story(life: Life) -> Run:
        return await life.produce(await life.say("imagine a fox --count 1"))

    assert in_one_life(Bench(tmp_path, vendor), story).state == "done"
    assert vendor.asked_to_tell == ""


def test_a_vendor_that_tells_nothing_is_not_there(tmp_path: Path) -> None:
    async def story(life: Life) -> None:
        with pytest.raises(NotFoundError):
            call(life)
        with pytest.raises(NotFoundError):
            life.webhooks.heard("nobody", {}, b"", life.bench.clock.now())

    in_one_life(Bench(tmp_path, Polled(), public_url=PUBLIC), story)


def test_a_call_that_comes_before_anybody_waits_is_not_lost(tmp_path: Path) -> None:
    vendor = Telling()

    async def story(life: Life) -> Run:
        async def finish(_key: str) -> None:
            vendor.finished = True

        vendor.meanwhile = finish
        run = await life.say("imagine a fox --count 1")
        call(life)
        return await life.produce(run)

    assert in_one_life(Bench(tmp_path, vendor, public_url=PUBLIC), story).state == "done"
    assert vendor.polls == 2, "asked again at once, not after ten seconds"


def test_calls_for_jobs_of_others_do_not_pile_up(tmp_path: Path) -> None:
    async def story(life: Life) -> int:
        for number in range(REMEMBERED + 50):
            call(life, job=f"other-{number}")
        return len(life.webhooks._told)

    assert in_one_life(Bench(tmp_path, Telling(), public_url=PUBLIC), story) == REMEMBERED
