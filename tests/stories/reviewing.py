"""Stories of the review desk: orders, reasons in one tap, who looks at what, the daily digest."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from domain.run import Run
from tests.stories.deciding import all_to_review, made, now
from tests.stories.told import Scene, story

THREE = "a red fox :: in the snow --count 3 --seed 7"


class Then:
    """A clock that stands still at a time."""

    def __init__(self, moment: datetime) -> None:
        self._moment = moment

    def now(self) -> datetime:
        return self._moment

    def monotonic_s(self) -> float:
        return 0.0

    async def sleep(self, delay_s: float) -> None:
        raise NotImplementedError


async def newest(scene: Scene) -> Run:
    (run,) = await scene.room.app.search.recent(limit=1)
    return run


@story("review-order", settings=all_to_review)
async def review_order(scene: Scene) -> None:
    await made(scene.room, THREE)
    run = await newest(scene)
    told = await scene.room.mention("Ben", "review")
    assert "Here by oldest first: new" in told.text
    assert f"{run.ref} #1" in told.text
    close = await scene.room.app.queue.page("close")
    assert [one.says.partition(", ")[2].split(" ")[0] for one in close] != []
    told = await scene.room.mention("Ben", "review --by close")
    assert f"{run.ref} #{close[0].number}" in told.text
    assert f"Here by closest call first: {close[0].says}" in told.text
    if scene.surface != "console":
        told = await scene.room.press_told("Ben", told, "Next")
        assert f"{run.ref} #{close[1].number}" in told.text, "in the same order"
    for who, said in (("Ana", "up"), ("Cleo", "down")):
        await scene.room.reply(who, f"rate 3 {said}")
    told = await scene.room.mention("Ben", "review --by disagree")
    assert f"{run.ref} #3" in told.text
    assert "1 for it, 1 against" in told.text
    told = await scene.room.mention("Ben", "review --by size")
    assert "close" in told.text, "what there is to choose from is said"


@story("reject-reason", settings=all_to_review)
async def reject_reason(scene: Scene) -> None:
    await made(scene.room, THREE)
    told = await scene.room.mention("Ben", "review")
    if scene.surface == "console":
        await scene.room.reply("Ben", "reject 1 hands --first")
    else:
        assert "Reject: hands" in told.buttons, told.buttons
        await scene.room.press_told("Ben", told, "Reject: hands")
        told = await scene.room.mention("Ben", "review")
        form = await scene.room.press_told("Ben", told, "Reject…")
        assert form.form == "reject"
    several = {"reason": "hands, crop", "more": "too many tails"}
    if scene.surface == "slack":
        await scene.room.fill("Ben", form, several)
    else:
        await scene.room.reply("Ben", "reject 2 hands, crop, too many tails")
    card = await now(scene.room)
    assert "#1 rejected by Ben" in card.text
    said = " ".join(one.text for one in await scene.room.thread())
    assert "hands or fingers are wrong" in said, "whoever made it reads what is wrong"
    assert "cut off, or framed badly; too many tails" in said
    late = await scene.room.reply("Cleo", "approve 1 --first")
    assert "Ben was first: #1 is rejected" in late.text
    run = await newest(scene)
    assert not run.artworks[0].approvals
    counted = await scene.room.app.reasons.counted(model=run.route.model)
    assert [(one.reason, one.known, one.images) for one in counted] == [
        ("hands", True, 2),
        ("crop", True, 1),
        ("too many tails", False, 1),
    ]
    await scene.room.reply("Ben", "withdraw 1")
    counted = await scene.room.app.reasons.counted(task=run.route.task)
    assert {one.reason: one.images for one in counted}["hands"] == 1


@story("assign", settings=all_to_review)
async def assign(scene: Scene) -> None:
    await made(scene.room, THREE)
    if scene.surface != "console":
        for whom in ("Ana", "Ben", "Cleo"):
            await scene.room.add_approver("Olga", whom)
    await scene.room.mention("Ana", "assign @Ben 2")
    card = await now(scene.room)
    assert "Ben is asked to look at #2" in card.text
    said = [one.text for one in await scene.room.thread()]
    assert sum("Ana asks Ben to look at #2" in one for one in said) == 1, said
    twice = await scene.room.mention("Ana", "assign @Ben 2")
    assert "asked already" in twice.text
    if scene.surface != "console":
        refused = await scene.room.mention("Ana", "assign @Gus 3")
        assert "Gus may not decide" in refused.text
        assert "not an approver" in refused.text
    await scene.restart()
    told = await scene.room.mention("Ben", "review --mine")
    assert "#2" in told.text
    assert "1 waits" in told.text
    assert "Ben is asked to look at it" in told.text
    nothing = await scene.room.mention("Cleo", "review --mine")
    assert "Nothing waits for you" in nothing.text
    if scene.surface == "console":
        await scene.room.reply("Cleo", "assign me 1")
    else:
        told = await scene.room.mention("Cleo", "review")
        await scene.room.press_told("Cleo", told, "I'll look")
    assert "Cleo is asked to look at #1" in (await now(scene.room)).text
    await scene.room.mention("Ben", "unassign 2")
    card = await now(scene.room)
    assert "Ben is asked" not in card.text
    await scene.room.mention("Ana", "approve 1")
    card = await now(scene.room)
    assert "#1 approved by Ana" in card.text, "nothing is locked"
    assert "Cleo is asked" not in card.text


@story("digest", settings=all_to_review)
async def digest(scene: Scene) -> None:
    app = scene.room.app
    await made(scene.room, THREE)
    told = await scene.room.mention("Ana", "digest")
    assert "3 images wait for a decision" in told.text
    assert "Closest calls:" in told.text
    assert "Cost per approved image" in told.text
    refused = await scene.room.mention("Ana", "digest here 09:00")
    if scene.surface == "console":
        assert "no channel" in refused.text
        return
    assert "Ana may not change that" in refused.text
    told = await scene.room.mention("Olga", "digest here 09:00")
    assert "gets a digest at 09:00 (UTC" in told.text
    day = datetime.now(UTC) + timedelta(days=1)
    while day.weekday() > 4:
        day += timedelta(days=1)

    def at(hour: int, minute: int) -> Then:
        return Then(day.replace(hour=hour, minute=minute))

    before = len(await scene.room.cards())
    assert await replace(app.digesting, clock=at(8, 59)).tell() == 0
    assert await replace(app.digesting, clock=at(11, 0)).tell() == 1, "late, on the same day"
    assert await replace(app.digesting, clock=at(11, 1)).tell() == 0
    await scene.room.settled()
    shown = await scene.room.cards()
    assert len(shown) == before + 1
    assert "3 images wait for a decision" in shown[-1].text
    assert shown[-1].pictures == 1
    assert {"Closest calls", "Disagreement", "Oldest", "Mine"} <= set(shown[-1].buttons)
    await scene.restart()
    app = scene.room.app
    assert await replace(app.digesting, clock=at(12, 0)).tell() == 0, "once a day"
    told = await scene.room.press("Ben", shown[-1], "Closest calls")
    assert "Here by closest call first" in told.text
